INSERT INTO failover_segments (created_at, updated_at, deleted_at, deleted, id, uuid, name, service_type, description, recovery_method, enabled) VALUES
 ('2026-01-02 03:04:05', NULL, NULL, 0, 3, '11111111-1111-4111-8111-000000000003', 'rack a', 'COMPUTE', 'the first; it''s "a" \\ rack', 'auto', 1),
 ('2026-01-02 03:04:06', '2026-02-02 03:04:06', NULL, 0, 5, '11111111-1111-4111-8111-000000000005', 'rack-b', 'COMPUTE', NULL, 'rh_priority', 0),
 ('2026-01-02 03:04:07', NULL, NULL, 0, 6, '11111111-1111-4111-8111-000000000006', 'of null', 'COMPUTE', NULL, 'auto_priority', NULL),
 ('2026-01-02 03:04:04', NULL, '2026-01-03 00:00:00', 2, 2, '11111111-1111-4111-8111-000000000002', 'rack a', 'COMPUTE', NULL, 'auto', 1);

INSERT INTO hosts (created_at, updated_at, deleted_at, deleted, id, uuid, name, reserved, type, control_attributes, failover_segment_id, on_maintenance) VALUES
 ('2026-01-02 04:00:00', NULL, NULL, 0, 10, '22222222-2222-4222-8222-000000000010', 'cmp1', 0, 'COMPUTE', 'SSH', '11111111-1111-4111-8111-000000000003', 0),
 ('2026-01-02 04:00:01', '2026-11-20 00:00:00', NULL, 0, 11, '22222222-2222-4222-8222-000000000011', 'cmp2', 0, 'COMPUTE', 'SSH', '11111111-1111-4111-8111-000000000003', 1),
 ('2026-01-02 04:00:02', NULL, NULL, 0, 12, '22222222-2222-4222-8222-000000000012', 'cmp9', 1, 'COMPUTE', '', '11111111-1111-4111-8111-000000000005', 0),
 ('2026-01-02 04:00:03', NULL, NULL, 0, 14, '22222222-2222-4222-8222-000000000014', 'cmp4.example.com', NULL, '', 'x', '11111111-1111-4111-8111-000000000006', NULL),
 ('2026-01-02 04:00:00', NULL, '2026-11-21 00:00:00', 8, 8, '22222222-2222-4222-8222-000000000008', 'cmp7', 0, 'COMPUTE', 'SSH', '11111111-1111-4111-8111-000000000003', 1);

INSERT INTO notifications (created_at, updated_at, deleted_at, deleted, id, notification_uuid, generated_time, source_host_uuid, type, payload, status) VALUES
 ('2026-11-20 10:00:00', '2026-11-20 10:05:00', NULL, 0, 100, '33333333-3333-4333-8333-000000000100', '2026-11-20 09:59:59', '22222222-2222-4222-8222-000000000010', 'COMPUTE_HOST', '{"event": "STOPPED", "cluster_status": "OFFLINE", "host_status": "NORMAL"}', 'finished'),
 ('2026-11-20 11:00:00', '2026-11-20 11:05:00', NULL, 0, 101, '33333333-3333-4333-8333-000000000101', '2026-11-20 11:00:00', '22222222-2222-4222-8222-000000000008', 'COMPUTE_HOST', '{"event": "STOPPED", "cluster_status": "OFFLINE", "host_status": "NORMAL"}', 'failed'),
 ('2026-11-20 12:00:00', '2026-11-20 12:00:01', NULL, 0, 103, '33333333-3333-4333-8333-000000000103', '2026-11-20 12:00:00', '22222222-2222-4222-8222-000000000011', 'VM', '{"event": "LIFECYCLE", "instance_uuid": "44444444-4444-4444-8444-000000000001", "vir_domain_event": "STOPPED_FAILED"}', 'ignored'),
 ('2026-11-20 13:00:00', NULL, NULL, 0, 104, '33333333-3333-4333-8333-000000000104', '2026-11-20 13:00:00', '22222222-2222-4222-8222-000000000011', 'PROCESS', '{"event": "STOPPED", "process_name": "nova-compute"}', 'finished'),
 ('2010-01-01 13:00:00', '2010-01-01 13:00:01', NULL, 0, 50, '33333333-3333-4333-8333-000000000050', '2010-01-01 13:00:00', '22222222-2222-4222-8222-000000000011', 'PROCESS', '{"event": "STARTED", "process_name": "nova-compute"}', 'finished'),
 ('2026-11-20 09:00:00', NULL, '2026-11-21 00:00:00', 99, 99, '33333333-3333-4333-8333-000000000099', '2026-11-20 09:00:00', '22222222-2222-4222-8222-000000000011', 'PROCESS', '{}', 'finished');
