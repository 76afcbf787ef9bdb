CREATE TABLE messages (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER, key_id TEXT NOT NULL, status INTEGER, needs_push INTEGER, data TEXT, timestamp INTEGER, media_url TEXT, media_mime_type TEXT, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT, media_hash TEXT, media_duration INTEGER, origin INTEGER, latitude REAL, longitude REAL, thumb_image TEXT, remote_resource TEXT, received_timestamp INTEGER, receipt_server_timestamp INTEGER, read_device_timestamp INTEGER, quoted_row_id INTEGER, edit_version INTEGER, forwarded INTEGER);
CREATE TABLE messages_quotes (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_from_me INTEGER, key_id TEXT NOT NULL, data TEXT);
CREATE TABLE chat_list (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT UNIQUE, message_table_id INTEGER, subject TEXT, creation INTEGER);
CREATE TABLE group_participants (_id INTEGER PRIMARY KEY AUTOINCREMENT, gjid TEXT NOT NULL, jid TEXT NOT NULL, admin INTEGER);
CREATE TABLE receipts (_id INTEGER PRIMARY KEY AUTOINCREMENT, key_remote_jid TEXT NOT NULL, key_id TEXT NOT NULL);

INSERT INTO chat_list VALUES (1, '32470000002@s.whatsapp.net', 9, NULL, NULL), (2, '32470000001-1500000000@g.us', 4, 'Harbour', 1500000000000);
INSERT INTO group_participants VALUES (1, '32470000001-1500000000@g.us', '32470000002@s.whatsapp.net', 1);
INSERT INTO messages_quotes VALUES (5, '32470000002@s.whatsapp.net', 0, 'A2', 'hello');
INSERT INTO receipts VALUES (1, 'x', 'y');
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, media_size) VALUES (1, '-1', 0, '-1', -1, NULL, 0, NULL, 0);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, received_timestamp) VALUES (2, '32470000002@s.whatsapp.net', 0, 'A2', 0, 'hello', 1500000001000, '0', 1500000002000);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, quoted_row_id, read_device_timestamp, forwarded) VALUES (3, '32470000002@s.whatsapp.net', 1, 'A3', 13, 'hi yourself', 1500000003000, '0', 5, 1500000009000, 1);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, media_size, remote_resource) VALUES (4, '32470000001-1500000000@g.us', 0, 'A4', 6, 'Harbour', 1500000004000, '0', 1, '32470000002@s.whatsapp.net');
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, remote_resource) VALUES (5, '32470000001-1500000000@g.us', 0, 'A5', 0, 'in the group', 1500000005000, '0', '32470000002@s.whatsapp.net');
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, timestamp, media_wa_type, media_mime_type, media_size, media_name, media_caption) VALUES (6, '32470000002@s.whatsapp.net', 0, 'A6', 0, 1500000006000, '9', 'application/pdf', 900, 'plan.pdf', 'the plan');
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, timestamp, media_wa_type, latitude, longitude) VALUES (7, '32470000002@s.whatsapp.net', 0, 'A7', 0, 1500000007000, '5', 51.23, 4.41);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, timestamp, media_wa_type, edit_version) VALUES (8, '32470000002@s.whatsapp.net', 0, 'A8', 0, 1500000008000, '15', 7);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type, media_duration) VALUES (9, '32470000002@s.whatsapp.net', 0, 'A9', 0, 'audio', 1500000009000, '10', 0);
INSERT INTO messages (_id, key_remote_jid, key_from_me, key_id, status, data, timestamp, media_wa_type) VALUES (10, '32470000002@s.whatsapp.net', 0, 'A10', 0, 'BEGIN:VCARD
FN:Carl
END:VCARD', 1500000010000, '4');
