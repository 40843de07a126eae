package ai.mountsea.nanobanana.examples.temporal;

import ai.mountsea.nanobanana.TaskRecord;
import ai.mountsea.nanobanana.TaskRecord.State;
import ai.mountsea.nanobanana.TaskStore;
import ai.mountsea.nanobanana.api.GenerateImageRequest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TaskStore} in a database, for any number of machines: a row for each key, which the
 * database lets only one of them insert or update. A commit must be durable, as is usual. The file
 * {@code tasks.sql} makes the table.
 *
 * <p>When the process that submitted has ended, and a person has found out what became of the
 * submit, the person updates its row. (One that only stands still might wake up and send.)
 *
 * <pre>{@code
 * update nano_banana_task set state = 'SUBMITTED', task_id = '...' where task_key = '...';
 * update nano_banana_task set state = 'NOT_SUBMITTED', task_id = null where task_key = '...';
 * }</pre>
 */
public final class JdbcTaskStore implements TaskStore {
  private static final int MAX_DETAIL = 2000;

  private final DataSource database;

  /**
   * Makes a store on a table that exists.
   *
   * @param database makes connections, or has a pool of them
   */
  public JdbcTaskStore(DataSource database) {
    this.database = database;
  }

  @Override
  public @Nullable TaskRecord find(String key) {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select state, request, task_id, since, detail from nano_banana_task"
                    + " where task_key = ?")) {
      select.setString(1, key);
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? new TaskRecord(
                State.valueOf(row.getString(1)),
                GenerateImageRequest.fromJson(row.getString(2)),
                row.getString(3),
                Instant.ofEpochMilli(row.getLong(4)),
                row.getString(5))
            : null;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Can't read the tasks: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean replace(String key, @Nullable TaskRecord expected, TaskRecord next) {
    String sql =
        expected == null
            ? "insert into nano_banana_task (state, task_id, since, detail, request, task_key)"
                + " values (?, ?, ?, ?, ?, ?)"
            : "update nano_banana_task"
                + " set state = ?, task_id = ?, since = ?, detail = ?, request = ?"
                + " where task_key = ? and state = ? and since = ?";
    try (Connection connection = database.getConnection();
        PreparedStatement change = connection.prepareStatement(sql)) {
      String detail = next.detail();
      change.setString(1, next.state().name());
      change.setString(2, next.taskId());
      change.setLong(3, next.at().toEpochMilli());
      change.setString(
          4,
          detail == null || detail.length() <= MAX_DETAIL
              ? detail
              : detail.substring(0, MAX_DETAIL));
      change.setString(5, next.request().toJson());
      change.setString(6, key);
      if (expected != null) {
        change.setString(7, expected.state().name());
        change.setLong(8, expected.at().toEpochMilli());
      }
      boolean isDone = change.executeUpdate() == 1;
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
      return isDone;
    } catch (SQLException e) {
      if (expected == null && e.getSQLState() != null && e.getSQLState().startsWith("23")) {
        return false; // Somebody else inserted the key.
      }
      throw new IllegalStateException("Can't record the task: " + e.getMessage(), e);
    }
  }
}
