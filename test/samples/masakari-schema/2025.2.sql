CREATE TABLE `failover_segments` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` int(11) DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `uuid` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `service_type` varchar(255) NOT NULL,
  `description` text DEFAULT NULL,
  `recovery_method` enum('auto','reserved_host','auto_priority','rh_priority') NOT NULL,
  `enabled` tinyint(1) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_segments0uuid` (`uuid`),
  UNIQUE KEY `uniq_segment0name0deleted` (`name`,`deleted`),
  KEY `segments_service_type_idx` (`service_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE `hosts` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` int(11) DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `uuid` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `reserved` tinyint(1) DEFAULT NULL,
  `type` varchar(255) NOT NULL,
  `control_attributes` text NOT NULL,
  `failover_segment_id` varchar(36) NOT NULL,
  `on_maintenance` tinyint(1) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_host0uuid` (`uuid`),
  UNIQUE KEY `uniq_host0name0deleted` (`name`,`deleted`),
  KEY `failover_segment_id` (`failover_segment_id`),
  KEY `hosts_type_idx` (`type`),
  CONSTRAINT `hosts_ibfk_1` FOREIGN KEY (`failover_segment_id`) REFERENCES `failover_segments` (`uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE `notifications` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` int(11) DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `notification_uuid` varchar(36) NOT NULL,
  `generated_time` datetime NOT NULL,
  `source_host_uuid` varchar(36) NOT NULL,
  `type` varchar(36) NOT NULL,
  `payload` text DEFAULT NULL,
  `status` enum('new','running','error','failed','ignored','finished') NOT NULL,
  `failover_segment_uuid` varchar(36) DEFAULT NULL,
  `message` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_notification0uuid` (`notification_uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE `vmoves` (
  `created_at` datetime DEFAULT NULL,
  `updated_at` datetime DEFAULT NULL,
  `deleted_at` datetime DEFAULT NULL,
  `deleted` int(11) DEFAULT NULL,
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `uuid` varchar(36) NOT NULL,
  `notification_uuid` varchar(36) NOT NULL,
  `instance_uuid` varchar(36) NOT NULL,
  `instance_name` varchar(255) NOT NULL,
  `source_host` varchar(255) DEFAULT NULL,
  `dest_host` varchar(255) DEFAULT NULL,
  `start_time` datetime DEFAULT NULL,
  `end_time` datetime DEFAULT NULL,
  `type` varchar(36) DEFAULT NULL,
  `status` varchar(255) DEFAULT NULL,
  `message` text DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `uniq_vmove0uuid` (`uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL,
  PRIMARY KEY (`version_num`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
INSERT INTO alembic_version VALUES ('13adff5efb9a');
