-- The table of JdbcTaskStore.
create table nano_banana_task (
  task_key varchar(200) primary key,
  state varchar(20) not null,
  task_id varchar(200),
  since bigint not null, -- milliseconds since 1970
  detail varchar(2000),
  request text not null -- JSON
);
