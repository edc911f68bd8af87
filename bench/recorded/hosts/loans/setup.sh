set -e
install -d -m 750 /etc/sudoers.d
sed -i '/\s\(db\|cache\)\.loans\.lan/d' /etc/hosts 2>/dev/null || true
printf '127.0.0.1 localhost\n127.0.0.1 db.loans.lan\n127.0.0.1 cache.loans.lan\n' > /etc/hosts
rm -f /etc/nginx/sites-enabled/default
useradd -r -d /srv/loans -s /usr/sbin/nologin loans
install -d -o loans -g loans /srv/loans/shared /srv/loans/shared/covers /srv/loans/shared/outbox
install -d -o loans -g loans /var/log/loans
install -d -o www-data -g adm /var/log/nginx
install -d -o postgres -g postgres /var/log/postgresql /run/postgresql
install -d -o redis -g redis /var/log/redis /var/lib/redis
install -d /var/log/supervisor /run/sshd
chmod 755 /srv/loans/bin/*
cp -r /srv/loans/releases/r7 /srv/loans/releases/r6
ln -sfn releases/r7 /srv/loans/current
chown -R loans:loans /srv/loans/releases
chown root:loans /etc/loans/loans.ini; chmod 640 /etc/loans/loans.ini
for term in "2025-09 -1" "2026-10 365"; do
  set -- $term; install -d /etc/loans/tls/$1; openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=loans.lan -days 400 -keyout /etc/loans/tls/$1/privkey.pem -out /etc/loans/tls/$1/fullchain.pem 2>/dev/null
  chmod 600 /etc/loans/tls/$1/privkey.pem
done
ln -sfn 2026-10 /etc/loans/tls/live
if [ -s /srv/made.tar ]; then install -d -o postgres -g postgres /var/lib/postgresql/15; tar -C /var/lib/postgresql/15 -xpf /srv/made.tar; else
  install -d -o postgres -g postgres /var/lib/postgresql/15
  pg() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
  cd /var/lib/postgresql
  pg initdb -D /var/lib/postgresql/15/loans -A peer >/dev/null
  printf "listen_addresses = '127.0.0.1'\nmax_connections = 30\nfsync = on\nlog_line_prefix = '%%m [%%p] %%q%%u@%%d '\nunix_socket_directories = '/run/postgresql'\nshared_buffers = 24MB\n" >> /var/lib/postgresql/15/loans/postgresql.conf
  printf 'local all postgres peer\nhost loans lender 127.0.0.1/32 scram-sha-256\n' > /var/lib/postgresql/15/loans/pg_hba.conf
  pg pg_ctl -D /var/lib/postgresql/15/loans -w -l /tmp/pg.log start >/dev/null
  pg psql -h /run/postgresql -qX -v ON_ERROR_STOP=1 postgres <<'SQL'
create role lender login password 'corail-7-vague';
create database loans owner lender;
\c loans
set role lender;
create table loans(id bigserial primary key, member_ref text not null, title text not null, made_at timestamptz not null default now());
insert into loans(member_ref, title) select 'M' || lpad((1 + i % 5000)::text, 5, '0'), 'Book ' || i || repeat('x', 80) from generate_series(1, 400000) i;
create index loans_member_idx on loans(member_ref);
create table members(ref text primary key, name text);
insert into members select 'M' || lpad(i::text, 5, '0'), 'Member ' || i from generate_series(1, 5000) i;
reset role;
vacuum analyze;
SQL
  pg pg_ctl -D /var/lib/postgresql/15/loans -w -m fast stop >/dev/null
  tar -C /var/lib/postgresql/15 -cf /srv/made.tar loans
  rm -f /tmp/pg.log
fi
find /etc/loans /etc/nginx /etc/redis /etc/supervisor /srv/loans -exec touch -h -d '20 days ago' {} +
/usr/bin/supervisord -c /etc/supervisor/supervisord.conf
