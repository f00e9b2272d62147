ALTER TABLE failover_segments ADD COLUMN enabled tinyint(1) DEFAULT NULL;
ALTER TABLE notifications ADD COLUMN failover_segment_uuid varchar(36) DEFAULT NULL, ADD COLUMN message text DEFAULT NULL;
CREATE TABLE masakari_alembic_version (version_num varchar(32) NOT NULL, PRIMARY KEY (version_num));
INSERT INTO masakari_alembic_version VALUES ('13adff5efb9a');
