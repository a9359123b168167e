package io.lorashear.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;

/** A private in-memory DuckDB that streams its results and sorts large ones on disk. */
final class ShardDatabase implements AutoCloseable {

  /** DuckDB keeps this much at most; more goes to the scratch folder. */
  private static final String MEMORY = "512MB";

  private final Path scratch;
  private final Connection connection;

  ShardDatabase() throws SQLException {
    this.scratch = scratchFolder();
    var properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("memory_limit", MEMORY);
    properties.setProperty("temp_directory", scratch.toString());
    this.connection = DriverManager.getConnection("jdbc:duckdb:", properties);
  }

  private static Path scratchFolder() {
    try {
      return Files.createTempDirectory("lorashear-sequences");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A table {@code wanted(place, id)} of these ids in this order. */
  void wanted(List<String> ids) throws SQLException {
    execute("create table wanted (place bigint, id varchar)");
    try (var rows = connection.unwrap(DuckDBConnection.class).createAppender("main", "wanted")) {
      for (int place = 0; place < ids.size(); place++) {
        rows.beginRow();
        rows.append((long) place);
        rows.append(ids.get(place));
        rows.endRow();
      }
    }
  }

  /** The rows as they come; at most one result is open at a time. */
  ResultSet query(String sql) throws SQLException {
    return connection.createStatement().executeQuery(sql);
  }

  @Override
  public void close() {
    try {
      connection.close();
      try (var files = Files.walk(scratch)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
