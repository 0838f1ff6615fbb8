/** What the sample shop's team has written in its help centre: of each kind of article there is. */
import type { Article, Translation } from "./account-model.ts";

/** An article before it has times. */
interface SampleArticle extends Pick<
  Article,
  "id" | "section_id" | "label_names" | "user_segment_id"
> {
  readonly translations: readonly (Pick<Translation, "locale" | "title" | "body"> &
    Partial<Pick<Translation, "draft" | "outdated">>)[];
}

/** The number of the segment of people who work for the shop. */
export const TEAM_SEGMENT_ID = 4_820_000_001;

const EVERYBODY = { user_segment_id: null };

/** In English and German; one is a draft, one is for the team, and one German text is outdated. */
export const SAMPLE_ARTICLES: readonly SampleArticle[] = [
  {
    id: 4_830_000_001,
    section_id: 4_810_000_002,
    label_names: ["bulb", "dimmer"],
    ...EVERYBODY,
    translations: [
      {
        locale: "en-us",
        title: "Which bulb fits which lamp",
        body: `<p>The number on the base plate says which lamp you have.</p>
<table><thead><tr><th>Lamp</th><th>Socket</th><th>Brightest bulb</th></tr></thead>
<tbody><tr><td>Harbour desk lamp</td><td>E14</td><td>6 watts LED</td></tr>
<tr><td>Meadow floor lamp</td><td>E27</td><td>13 watts LED</td></tr></tbody></table>
<h2>Dimming</h2><p>Use a bulb that says it can be dimmed, and a dimmer for LED.</p>`,
      },
      {
        locale: "de",
        title: "Welche Lampe welches Leuchtmittel braucht",
        body: `<p>Die Nummer auf der Bodenplatte sagt, welche Lampe Sie haben.</p>
<table><thead><tr><th>Lampe</th><th>Fassung</th><th>Hellstes Leuchtmittel</th></tr></thead>
<tbody><tr><td>Schreibtischlampe Harbour</td><td>E14</td><td>LED mit 6 Watt</td></tr>
<tr><td>Stehlampe Meadow</td><td>E27</td><td>LED mit 13 Watt</td></tr></tbody></table>
<h2>Dimmen</h2><p>Nehmen Sie ein dimmbares Leuchtmittel und einen Dimmer für LED.</p>`,
      },
    ],
  },
  {
    id: 4_830_000_002,
    section_id: 4_810_000_001,
    label_names: ["shelf", "wall"],
    ...EVERYBODY,
    translations: [
      {
        locale: "en-us",
        title: "Hanging a wall shelf",
        body: `<p>A shelf carries 18 kilograms on a brick wall and 8 kilograms on plasterboard.</p>
<ol><li>Mark both holes with the paper pattern from the box.</li><li>Drill 6 millimetres wide.</li>
<li>Put in the plugs, then the screws, and hang the shelf.</li></ol>`,
      },
      {
        locale: "de",
        title: "Ein Wandregal aufhängen",
        body: `<p>Ein Regal trägt an einer Ziegelwand 15 Kilogramm.</p>`,
        outdated: true,
      },
    ],
  },
  {
    id: 4_830_000_003,
    section_id: 4_810_000_001,
    label_names: ["table", "oil"],
    ...EVERYBODY,
    translations: [
      {
        locale: "en-us",
        title: "Oiling a wooden table",
        body: `<p>Oil the table twice in its first year, and once a year from then on.</p>
<p>Let the oil soak in for 20 minutes and wipe off what is left.</p>`,
      },
    ],
  },
  {
    id: 4_830_000_004,
    section_id: 4_810_000_002,
    label_names: [],
    ...EVERYBODY,
    translations: [
      {
        locale: "en-us",
        title: "Outdoor lamps (in preparation)",
        body: "<p>Our outdoor lamps come in May and keep out rain from all sides.</p>",
        draft: true,
      },
    ],
  },
  {
    id: 4_830_000_005,
    section_id: 4_810_000_003,
    label_names: ["goodwill"],
    user_segment_id: TEAM_SEGMENT_ID,
    translations: [
      {
        locale: "en-us",
        title: "Goodwill for scratched shelves",
        body: "<p>Up to 35 dollars may be given back for a scratched shelf without a lead.</p>",
      },
    ],
  },
];
