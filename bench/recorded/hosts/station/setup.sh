set -e
printf '127.0.0.1 localhost\n' > /etc/hosts
useradd -r -d /opt/station -s /usr/sbin/nologin station
install -d -o station -g station /opt/station/data /opt/station/spool /var/log/station
install -d -o redis -g redis /var/lib/redis /var/log/redis
rm -f /opt/station/lookup/v1/sites.json.part
ln -sfn v2 /opt/station/lookup/current
for service in api collector cache; do mkdir -p /etc/station/run/$service; done
cat > /etc/station/run/api/run <<'R'
#!/bin/sh
exec 2>> /var/log/station/api.log
exec setpriv --reuid=station --regid=station --clear-groups /usr/bin/node /opt/station/api/server.js /opt/station/config.json
R
cat > /etc/station/run/collector/run <<'R'
#!/bin/sh
exec 2>> /var/log/station/collector.log
set -a; . /etc/station/collector.env; set +a
exec setpriv --reuid=station --regid=station --clear-groups /usr/bin/python3 /opt/station/collector/collect.py
R
cat > /etc/station/run/cache/run <<'R'
#!/bin/sh
exec setpriv --reuid=redis --regid=redis --clear-groups /usr/bin/redis-server /etc/redis/station.conf >> /var/log/redis/station.log
R
chmod 755 /etc/station/run/*/run
touch /var/log/redis/station.log; chown redis:redis /var/log/redis/station.log
find /etc/station /etc/redis /opt/station -exec touch -h -d '12 days ago' {} +
for service in api collector cache; do ln -s /etc/station/run/$service /run/service/$service; done
s6-svscanctl -a /run/service
