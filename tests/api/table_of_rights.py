"""Which route is open to which role: written by hand, read by test_table_of_rights."""

from models.access import Role

COLUMNS = (
    Role.PORTAL,
    Role.KIOSK,
    Role.DISPLAY,
    Role.RECEPTIONIST,
    Role.NURSE,
    Role.DOCTOR,
    Role.MANAGER,
    Role.AUDITOR,
    Role.ADMIN,
)
OF_A_TRY_OUT = "/api/dev/clock"
"""Which is there on the database that keeps nothing alone."""
# portal, kiosk, display, receptionist, nurse, doctor, manager, auditor, admin
TABLE = """
POST   /api/tokens/emergency                                   - - - + - + - - +  token.book.emergency
POST   /api/tokens/priority                                    + - - + - + - - +  token.book.priority
POST   /api/tokens/followup                                    + - - + - + - - +  token.book.followup
POST   /api/tokens/book                                        + - - + - + - - +  token.book.online
POST   /api/tokens/walkin                                      - - - + - + - - +  token.book.walkin
POST   /api/tokens/allocate             {"source":"ONLINE"}    + - - + - + - - +  token.book.emergency
POST   /api/tokens/allocate             {"source":"WALKIN"}    - - - + - + - - +  token.book.emergency,token.book.walkin
GET    /api/tokens/{token_id}                                  o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/history                          o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/encounter                        o - - + + + - - +  patient.read
GET    /api/tokens/{token_id}/explain                          o - - + + + - - +  patient.read
GET    /api/tokens/patient/{patient_id}                        + - - + + + - - +  patient.read
GET    /api/tokens/queue/{slot_id}                             + - + + + + + - +  queue.read
PATCH  /api/tokens/{token_id}/status    {"status":"CHECKED_IN"} - o - + + + - - + token.check_in
PATCH  /api/tokens/{token_id}/status    {"status":"CALLED"}    - - - + + + - - +  token.check_in,queue.call
PATCH  /api/tokens/{token_id}/status    {"status":"NO_SHOW"}   - - - + + + - - +  token.check_in,queue.call
PATCH  /api/tokens/{token_id}/status    {"status":"CANCELLED"} o - - + - + - - +  token.check_in,token.cancel
PATCH  /api/tokens/{token_id}/patient   {"language":"hi"}      - - - + - + - - +  patient.correct
DELETE /api/tokens/{token_id}/cancel                           o - - + - + - - +  token.cancel
POST   /api/check-in  {"doctorId":"rao","tokenNumber":"T999","phoneDigits":"4321"}  - + - + + + - - +  token.check_in
POST   /api/tokens/{token_id}/check-in                         - o - + + + - - +  token.check_in
POST   /api/tokens/{token_id}/call                             - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/recall                           - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/start                            - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/complete                         - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/no-show                          - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/park                             - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/return                           - - - + + + - - +  queue.call
POST   /api/tokens/{token_id}/mark      {"mark":null}          - - - + - + - - +  token.mark
POST   /api/tokens/{token_id}/mark      {"mark":"VIP","reason":"x"} - - - + - + - - + token.mark
POST   /api/tokens/{token_id}/mark      {"mark":"EMERGENCY","reason":"x"} - - - + - + - - + token.mark,token.book.emergency
POST   /api/tokens/{token_id}/mark      {"mark":"PRIORITY","reason":"x"} o - - + - + - - + token.mark,token.book.priority
POST   /api/tokens/{token_id}/undo                             o - - + + + - - +  token.check_in,queue.read,queue.call
POST   /api/tokens/reallocate/{slot_id} {"close":false}        - - - + - + + - +  token.move
POST   /api/tokens/reallocate/{slot_id} {"close":true}         - - - - - + + - +  token.move,slot.close
GET    /api/queue/{doctor_id}                                  + - + + + + + - +  queue.read
GET    /api/stream?doctorId=rao                                + - + + + + + - +  queue.read
GET    /api/stream                                             + - + + + + + - +  queue.read
GET    /api/stream?tokenId={token_id}                          o - - + + + - - +  queue.read,patient.read
POST   /api/queue/{doctor_id}/next                             - - - + + + - - +  queue.call
PUT    /api/queue/{doctor_id}/state     {"state":"IN_SESSION"} - - - + + + - - +  queue.call
GET    /api/queue/{doctor_id}/config                           - - - - - + + - +  queue.config
PUT    /api/queue/{doctor_id}/config   {"maxSize":40}          - - - - - + + - +  queue.config
GET    /api/queue/{doctor_id}/accuracy                         - - - - - + + + +  numbers.read
POST   /api/slots                                              - - - - - + + - +  slot.plan
GET    /api/slots/{slot_id}                                    + - + + + + + - +  queue.read
GET    /api/slots/doctor/{doctor_id}                           + - + + + + + - +  queue.read
GET    /api/slots/doctor/{doctor_id}/available                 + - + + + + + - +  queue.read
PATCH  /api/slots/{slot_id}             {"maxCapacity":99}     - - - - - + + - +  slot.plan
PATCH  /api/slots/{slot_id}             {"status":"CLOSED"}    - - - - - + + - +  slot.plan,slot.close
PATCH  /api/slots/{slot_id}/delay?delay_minutes=5              - - - - - + + - +  slot.delay
GET    /api/slots/{slot_id}/stats                              - - - - - + + + +  numbers.read
POST   /api/doctors                                            - - - - - - + - +  doctor.manage
GET    /api/doctors                                            + - + + + + + - +  queue.read
GET    /api/doctors/{doctor_id}                                + - + + + + + - +  queue.read
PATCH  /api/doctors/{doctor_id}         {"name":"Asha"}        - - - - - - + - +  doctor.manage
GET    /api/events                                             + - - + - + + + +  event.read
GET    /api/analytics/queue                                    - - - - - + + + +  numbers.read
GET    /api/analytics/queue?doctorId=rao                       - - - - - + + + +  numbers.read
POST   /api/access/accounts             {"id":"x","kind":"client","name":"X"} - - - - - - - - + access.manage
GET    /api/access/accounts                                    - - - - - - - - +  access.manage
GET    /api/access/accounts/{account_id}                       - - - - - - - - +  access.manage
PATCH  /api/access/accounts/{account_id} {"disabled":true}     - - - - - - - - +  access.manage
POST   /api/access/accounts/{account_id}/keys {"days":1}       - - - - - - - - +  access.manage
DELETE /api/access/accounts/{account_id}/keys/{key_id}         - - - - - - - - +  access.manage
POST   /api/access/accounts/{account_id}/grants {"role":"nurse"} - - - - - - - - + access.manage
DELETE /api/access/accounts/{account_id}/grants/{grant_id}     - - - - - - - - +  access.manage
POST   /api/access/delegations {"doctorId":"rao","to":"asha","expiresAt":"2030-01-16T00:00:00Z"} - - - - - + + - + queue.config
GET    /api/access/delegations                                 - - - - - + + - +  queue.config
DELETE /api/access/delegations/{account_id}/{grant_id}         - - - - - + + - +  queue.config
POST   /api/access/break-glass          {"role":"nurse","reason":"Alone!"} - - - + + + + - + queue.read,access.manage
POST   /api/access/accounts/{account_id}/link                  - - - - - - - - +  access.manage
POST   /api/access/devices/{code}/confirm {"accountId":"x"}    - - - - - - - - +  access.manage
GET    /api/access/devices                                     - - - - - - - - +  access.manage
DELETE /api/access/devices/{device_id}                         - - - - - - - - +  access.manage
GET    /api/audit                                              - - - - - - - + +  audit.read
PUT    /api/dev/clock                   {"speed":2}            - - - - - - - - +  access.manage
GET    /api/patients?phone=09845012345                         - - - + + + - - +  patient.read,queue.read.names
GET    /metrics                                                - - - - - - - + +  metrics.read
GET    /access                                                 - - - - - - - - +  access.manage
GET    /access/accounts/{account_id}                           - - - - - - - - +  access.manage
GET    /access/audit                                           - - - - - - - + +  audit.read
POST   /access/accounts                 {"id":"x","kind":"client","name":"X"} - - - - - - - - + access.manage
POST   /access/accounts/{account_id}/lock {"disabled":"true"}  - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/grants {"role":"nurse"}   - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/grants/{grant_id}/revoke  - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/keys {"days":"1"}         - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/keys/{key_id}/revoke      - - - - - - - - +  access.manage
POST   /access/accounts/{account_id}/link                      - - - - - - - - +  access.manage
POST   /access/devices                  {"code":"x","accountId":"x"} - - - - - - - - + access.manage
POST   /access/devices/{device_id}/revoke                      - - - - - - - - +  access.manage
POST   /demo                                                   - - - - - - - - +  access.manage
POST   /demo/stop                                              - - - - - - - - +  access.manage
GET    /desk                                                   - - - + + + - - +  token.book.walkin,queue.call
GET    /doctor                                                 - - - + + + - - +  queue.call
GET    /doctor/{doctor_id}                                     - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/next                                - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/tokens/{token_id} {"step":"recall"} - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/state        {"state":"IN_SESSION"} - - - + + + - - +  queue.call
POST   /doctor/{doctor_id}/room         {"room":"2"}           - - - + + + - - +  queue.call
GET    /desk/{doctor_id}                                       - - - + + + - - +  token.book.walkin,queue.call
GET    /slips/{token_id}                                       - - - + + + - - +  token.book.walkin,queue.call
POST   /desk/find                       {"who":"+919845012345"} - - - + - + - - + token.book.walkin
POST   /desk/book                       {"slotId":"rao-20300115-0900","patientName":"Ravi","phoneNumber":"09845054321","doctor":"rao"} - - - + - + - - + token.book.walkin
POST   /desk/check-in                   {"token":"{token_id}","doctor":"rao"} - o - + + + - - + token.check_in
POST   /desk/cancel                     {"token":"{token_id}","doctor":"rao"} o - - + - + - - + token.cancel
POST   /desk/undo                       {"token":"{token_id}","doctor":"rao"} o - - + + + - - + token.check_in,queue.read
POST   /desk/move                       {"slotId":"rao-20300115-0900","doctor":"rao"} - - - + - + + - + token.move
GET    /numbers                                                - - - - - + + + +  numbers.read
GET    /plan                                                   - - - - - + + - +  slot.plan
POST   /plan/doctors                    {"name":"Asha","specialization":"Skin"} - - - - - - + - + doctor.manage
GET    /plan/doctors/{doctor_id}                               - - - - - + + - +  slot.plan
POST   /plan/doctors/{doctor_id}        {"name":"Asha"}        - - - - - - + - +  doctor.manage
POST   /plan/doctors/{doctor_id}/tenure                        - - - - - - + - +  doctor.manage
POST   /plan/doctors/{doctor_id}/slots  {"date":"2030-01-16","startTime":"09:00","endTime":"10:00","slotMinutes":"60"} - - - - - + + - + slot.plan
GET    /plan/slots/{slot_id}                                   - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/seats      {"maxCapacity":99}     - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/delay      {"delay_minutes":5}    - - - - - + + - +  slot.delay
POST   /plan/slots/{slot_id}/open                              - - - - - + + - +  slot.plan
POST   /plan/slots/{slot_id}/close                             - - - - - + + - +  slot.close
GET    /board                                                  + - + + + + + - +  queue.read
GET    /board?doctor=rao                                       + - + + + + + - +  queue.read
GET    /kiosk                                                  - + - + + + - - +  token.check_in
POST   /kiosk  {"doctorId":"rao","tokenNumber":"T999","phoneDigits":"4321"}  - + - + + + - - +  token.check_in
GET    /live                                                   + - + + + + + - +  queue.read
"""
OF_NO_DOCTOR = {
    ("POST", "/api/tokens/allocate"),
    ("GET", "/api/tokens/patient/{patient_id}"),
    ("POST", "/api/doctors"),
    ("GET", "/api/doctors"),
    ("GET", "/api/events"),
    ("GET", "/api/stream"),
    ("GET", "/api/analytics/queue"),
    ("GET", "/api/audit"),
    ("PUT", OF_A_TRY_OUT),
    ("GET", "/metrics"),
    ("GET", "/api/patients?phone=09845012345"),
    ("POST", "/demo"),
    ("POST", "/demo/stop"),
    ("GET", "/desk"),
    ("GET", "/doctor"),
    ("POST", "/desk/find"),
    ("GET", "/plan"),
    ("GET", "/numbers"),
    ("POST", "/plan/doctors"),
    ("GET", "/board"),
    ("GET", "/kiosk"),
    ("GET", "/live"),
}
"""What is about all that one may see. All else is about one doctor, whom its path or body names."""
