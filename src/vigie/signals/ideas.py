"""What words of logs are about, in French and English: `refused`, `rejeté` and `denied` are one idea. `likeness.py` asks."""

from collections.abc import Iterator, Sequence

# One idea a line: its words, folded, without those of one letter; a star stands for any ending, an underscore for a space.
_IDEAS = """
refused: econnrefused refus* reject* rejet* denied deny denies declin* forbidden interdit* disallow* not_allowed not_permitted
timeout: etimedout timeout* timed_out time_out deadline* delai_depasse delai_expire no_answer no_response
  sans_reponse ne_repond did_not_answer not_responding
expired: expired expires expiration expire_le perime* outdated obsolete
unreachable: ehostunreach enetunreach unreachable injoignable* no_route unavailable indisponible* offline
  hors_ligne inaccessible* is_down not_reachable
connection: connect* connexion* socket* link lien liaison handshake
lost: econnreset epipe lost perdu* perte reset broken dropped closed ferme* disconnect* deconnect* hangup interrompu* coupe*
disk: disk* disque* storage stockage filesystem* partition* volume* inode* device espace space
full: full plein* no_space plus_espace plus_de_place no_place espace_insuffisant insufficient enospc satur*
  exhaust* epuis* rempli* out_of
memory: enomem memory memoire* oom* heap ram swap alloc*
missing: not_found introuvable* missing manquant* manque absent* no_such does_not_exist doesn_exist existe_pas not_exist enoent
  pas_trouve*
unknown: unknown inconnu* unrecogn* unexpected inattendu*
failed: fail* echec* echou* error* erreur* unable impossible could_not cannot couldn pas_pu unsuccess*
exception: exception* traceback stacktrace unhandled uncaught thrown raised levee
user: user* utilisateur* account* compte* username member customer client*
login: login log_in logon signin sign_in session* authent* logged_in ouverture_de_session
password: password* passwd mot_de_passe mots_de_passe credential* identifiant* passphrase secret* token jeton
permission: permission* droit* unauthori* autoris* authori* privilege* eacces access acces
database: database* base_de_donnees bdd db sql postgres* mysql mariadb sqlite query queries requete_sql statement
lock: lock* verrou* deadlock* interblocage* blocked bloque* contention mutex
certificate: certificate* certificat* cert tls ssl x509
slow: slow* lent* latenc* took_too_long trop_long long_time lag retard
crash: crash* panic* segfault segmentation core_dumped plante* abort* fatal* sigsegv
start: start* demarr* boot* launch* lance* began debut* initiali*
stop: stop* arret* shutdown shut_down shutting exit* terminat* termine*
kill: kill* tue tuee tues abattu*
restart: restart* redemarr* relanc* reload* respawn*
file: file* fichier* path chemin* directory directories repertoire* dossier* folder*
network: network* reseau* interface* dns resolv* resolution name_server
host: host* hote* server* serveur* machine* node* noeud* instance* upstream backend*
service: service* daemon* demon process* processus unit unite worker* program*
queue: queue* file_attente backlog job* tache* task* broker topic
write: writ* ecri* save* saving enregistr* flush* persist*
read: read* lire lecture lu fetch* load* charg* recv receiv* recu*
send: send* sent envoi* envoy* deliver* livr* transmit* push* publish*
mail: mail* smtp courriel* message_id recipient destinataire*
invalid: invalid* malformed corrupt* corromp* corrup* bad mauvais* wrong incorrect* parse* syntax* mismatch
checksum: checksum* crc somme_de_controle hash digest integrity integrite
retry: retr* reessa* nouvelle_tentative attempt* tentative* again nouvel_essai
limit: emfile enfile edquot limit* too_many too_large trop_de trop_grand* throttl* quota exceed* depass* maximum max
setting: config* setting* parametr* reglage* option*
port: eaddrinuse port address adresse* in_use already_used deja_utilise* bind listen*
hardware: hardware materiel temperature* thermal overheat* surchauff* fan ventilateur voltage parity sensor
backup: backup* sauvegarde* snapshot* restore* restaur* replica* replication
update: updat* upgrad* mise_a_jour mises_a_jour deploy* deploi* release* version* migrat* install*
order: order* commande* purchase achat* checkout panier cart
payment: pay* paiement* invoice* factur* refund* rembours*
delete: delet* remov* supprim* effac* drop purge*
clock: clock horloge ntp drift derive_de_l_horloge time_sync
"""
_FUNCTION = """
the an is are was
were be been being it its this that these those of to in on at for from with by and or but not no we you they has
have had do does did when since all any some there here while as if so than then only just after before again will would can may
le la les un
une des du de est sont etait etre ete il elle ils elles ce cet cette ces ca au aux en dans sur pour par avec sans et ou
mais ne pas plus nous vous ont avait fait quand depuis tout toute toutes tous qui que se sa son ses apres avant comme si chez deja
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())
_STEM_MIN = 3
_PHRASE_MAX = 4


def _lines() -> Iterator[tuple[str, str]]:
    """Yield each word with its idea."""
    for line in _IDEAS.replace("\n  ", " ").strip().splitlines():
        idea, _, words = line.partition(": ")
        for word in words.split():
            yield word.replace("_", " "), idea


_WHOLE = {word: idea for word, idea in _lines() if not word.endswith("*")}
_STEMS = {word[:-1]: idea for word, idea in _lines() if word.endswith("*")}


def ideas_of(words: Sequence[str]) -> set[str]:
    """Return what some folded words are about, in the order in which they stand."""
    found = {""}
    for place, word in enumerate(words):
        stems = (word[:end] for end in range(len(word), _STEM_MIN - 1, -1))
        found.add(_WHOLE.get(word) or next((_STEMS[stem] for stem in stems if stem in _STEMS), ""))
        phrases = (" ".join(words[place : place + count]) for count in range(2, _PHRASE_MAX + 1))
        found.update(_WHOLE.get(phrase, "") for phrase in phrases)
    return found - {""}
