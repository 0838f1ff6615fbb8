-- What wakes came to is told by the metrics.
-- contract: since 0.4.0
drop table wake_count;
