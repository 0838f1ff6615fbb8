/** Descriptions of HTTP interfaces (OpenAPI 3.1), made from the schemas that their routes read and answer with. */

import type { z } from "zod";
import {
  createDocument,
  type ZodOpenApiContentObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
  type ZodOpenApiPathsObject,
} from "zod-openapi";

/** One operation. */
export interface DescribedOperation {
  readonly id: string;
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  /** What its address, query and headers say. */
  readonly params?: ZodOpenApiParameters;
  readonly body: z.ZodType | null;
  /** A schema, or a sentence where the answer is a stream of events. */
  readonly answer: z.ZodType | string;
  readonly status?: number;
}

/** What a description says of all its operations. */
interface Interface {
  readonly title: string;
  readonly server: string;
  /** What a refusal looks like, and what each status of one means. */
  readonly refusal: ZodOpenApiContentObject;
  readonly meanings: Readonly<Record<number, string>>;
  readonly schemas?: Readonly<Record<string, z.ZodType>>;
  /** What the scheme is called by which callers are known. */
  readonly caller: string;
  readonly bearerFormat?: string;
  /** True where callers may be unknown. */
  readonly isOpen: boolean;
}

/** The description of these operations. */
export function openApi(about: Interface, operations: readonly DescribedOperation[]) {
  const { title, server, refusal, meanings, schemas = {}, caller, isOpen, ...format } = about;
  const statuses = Object.entries(meanings).map((one) => `- ${one.join(": ")}`);
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations)
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: described(operation),
    };
  return createDocument({
    openapi: "3.1.1",
    info: { title, version: "1" },
    servers: [{ url: server }],
    paths,
    components: {
      schemas,
      responses: {
        Refusal: {
          description: `Refused, and why by its status:\n${statuses.join("\n")}`,
          content: refusal,
        },
      },
      securitySchemes: { [caller]: { type: "http", scheme: "bearer", ...format } },
    },
    security: [...(isOpen ? [{}] : []), { [caller]: [] }],
  });
}

function described(operation: DescribedOperation): ZodOpenApiOperationObject {
  const { id, summary, params = {}, body, answer, status = 200 } = operation;
  const given =
    typeof answer === "string"
      ? { description: answer, content: { "text/event-stream": { schema: { type: "string" } } } }
      : {
          description: "what was asked for",
          content: { "application/json": { schema: answer } },
        };
  return {
    operationId: id,
    summary,
    requestParams: params,
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: body } } },
    }),
    responses: { [status]: given, default: { $ref: "#/components/responses/Refusal" } },
  };
}
