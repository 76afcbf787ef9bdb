CREATE TABLE wa_contacts (_id INTEGER PRIMARY KEY AUTOINCREMENT, jid TEXT NOT NULL, is_whatsapp_user BOOLEAN NOT NULL, number TEXT, display_name TEXT, wa_name TEXT);
INSERT INTO wa_contacts VALUES (1, '32470000002@s.whatsapp.net', 1, '+32 470 00 00 02', 'Bert (docks)', 'B.');
INSERT INTO wa_contacts VALUES (2, '32470000009@s.whatsapp.net', 0, NULL, NULL, NULL);
