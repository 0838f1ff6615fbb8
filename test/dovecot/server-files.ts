/** How the tests' Dovecot is set up. */

/** Every user's password. */
export const PASSWORD = "dovecot-of-the-tests";

/** Its whole configuration: nothing of the system's is read, and nothing but loopback is listened on. */
export function configuration(options: {
  readonly folder: string;
  readonly owner: string;
  readonly group: string;
  readonly ports: { readonly imap: number; readonly lmtp: number };
  /** Whether `key.pem` and `cert.pem` lie in the folder. */
  readonly hasTls: boolean;
}): string {
  const { folder, owner, group, ports, hasTls } = options;
  const tls = hasTls
    ? `ssl = yes\nssl_cert = <${folder}/cert.pem\nssl_key = <${folder}/key.pem`
    : "ssl = no";
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap lmtp
listen = 127.0.0.1
${tls}
disable_plaintext_auth = no
default_internal_user = ${owner}
default_internal_group = ${group}
default_login_user = ${owner}
first_valid_uid = 0
mail_location = maildir:~/Maildir
mail_fsync = never
auth_mechanisms = plain login
auth_username_format = %Lu
auth_failure_delay = 0
auth_cache_size = 0
recipient_delimiter = +
mail_max_userip_connections = 50
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/refused
  deny = yes
}
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${owner} gid=${group} home=${folder}/home/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
}
service anvil {
  chroot =
  # Else a refused login slows the next one down by seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = 0
  }
}
service imap {
  process_limit = 200
}
service lmtp {
  process_min_avail = 1
  inet_listener lmtp {
    port = ${ports.lmtp}
  }
}
service stats {
  chroot =
}
`;
}
