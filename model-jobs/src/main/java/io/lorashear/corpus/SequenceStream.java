package io.lorashear.corpus;

import io.lorashear.InputException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** Rows of a corpus, one after the other; must be closed. */
public final class SequenceStream implements Iterator<Sequence>, AutoCloseable {

  private static final String COLUMNS =
      "filename, sequence_id, input_ids, loss_mask, tokens, document_ids, document_starts";

  private final ShardDatabase database;
  private final ShardPass pass;
  private final String where;
  private final long expected;
  private ResultSet rows;
  private long read;
  private @Nullable Sequence next;

  private SequenceStream(
      ShardDatabase database, ShardPass pass, String where, String query, long expected)
      throws SQLException {
    this.database = database;
    this.pass = pass;
    this.where = where;
    this.expected = expected;
    this.rows = database.query(query);
    this.next = fetch();
  }

  /** All rows, shard after shard. */
  static SequenceStream all(ShardFiles files, List<Shard> shards) {
    long expected = shards.stream().mapToLong(Shard::rows).sum();
    return open(
        files,
        shards,
        (database, pass, where) ->
            new SequenceStream(database, pass, where, allOf(pass.nextTable()), expected));
  }

  private static String allOf(String table) {
    return "select %s from %s".formatted(COLUMNS, table);
  }

  /**
   * The rows of these ids, in this order. If not all shards are at hand at once, the rows are
   * picked out of one after the other, into a table that spills to disk.
   */
  static SequenceStream rows(ShardFiles files, List<Shard> shards, List<String> ids) {
    return open(
        files,
        shards,
        (database, pass, where) -> {
          database.wanted(ids);
          var table = pass.isWhole() ? pass.nextTable() : picked(database, pass);
          var query =
              "select %s from %s join wanted on sequence_id = id order by place"
                  .formatted(COLUMNS, table);
          return new SequenceStream(database, pass, where, query, ids.size());
        });
  }

  private static String picked(ShardDatabase database, ShardPass pass) throws SQLException {
    boolean first = true;
    while (pass.hasNext()) {
      database.execute(
          "%s select %s from %s where sequence_id in (select id from wanted)"
              .formatted(
                  first ? "create table picked as" : "insert into picked",
                  COLUMNS,
                  pass.nextTable()));
      first = false;
    }
    return "picked";
  }

  /** Passes the ids to {@code consumer}, in no particular order. */
  static void forEachId(ShardFiles files, List<Shard> shards, Consumer<String> consumer) {
    forEachRow(
        files,
        shards,
        table -> "select sequence_id from " + table,
        row -> consumer.accept(row.getString(1)));
  }

  /**
   * Passes ids to {@code consumer}, with how often they occur in some of the shards; filling does
   * not count.
   */
  static void forEachToken(
      ShardFiles files, List<Shard> shards, ObjLongConsumer<Integer> consumer) {
    forEachRow(
        files,
        shards,
        table ->
            "select id, count(*) from (select unnest(input_ids[1:tokens]) as id from %s) group by id"
                .formatted(table),
        row -> consumer.accept(row.getInt(1), row.getLong(2)));
  }

  private interface Row {
    void take(ResultSet row) throws SQLException;
  }

  private static void forEachRow(
      ShardFiles files, List<Shard> shards, Function<String, String> query, Row each) {
    try (var pass = files.pass(shards);
        var database = new ShardDatabase()) {
      while (pass.hasNext()) {
        try (var rows = database.query(query.apply(pass.nextTable()))) {
          while (rows.next()) {
            each.take(rows);
          }
        }
      }
    } catch (SQLException e) {
      throw unreadable(files.names(shards), e);
    }
  }

  private interface Opening {
    SequenceStream on(ShardDatabase database, ShardPass pass, String where) throws SQLException;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static SequenceStream open(ShardFiles files, List<Shard> shards, Opening opening) {
    var pass = files.pass(shards);
    var where = files.names(shards);
    try {
      var database = new ShardDatabase();
      try {
        return opening.on(database, pass, where);
      } catch (SQLException | RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (SQLException e) {
      pass.close();
      throw unreadable(where, e);
    } catch (RuntimeException e) {
      pass.close();
      throw e;
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Sequence next() {
    var current = next;
    if (current == null) {
      throw new NoSuchElementException();
    }
    try {
      next = fetch();
    } catch (SQLException e) {
      throw unreadable(where, e);
    }
    return current;
  }

  private @Nullable Sequence fetch() throws SQLException {
    while (!rows.next()) {
      if (!pass.hasNext()) {
        return ended();
      }
      rows.close();
      rows = database.query(allOf(pass.nextTable()));
    }
    read++;
    return sequence();
  }

  private @Nullable Sequence ended() {
    if (read != expected) {
      throw new InputException(
          "%d rows were to be read from %s, but only %d are there:"
              + " the subset belongs to another corpus, or the corpus was changed",
          expected, where, read);
    }
    return null;
  }

  private Sequence sequence() throws SQLException {
    var shard = pass.shard(rows.getString(1));
    return new Sequence(
        shard.source(),
        shard.split(),
        rows.getString(2),
        integers(elements(3)),
        bytes(elements(4)),
        rows.getInt(5),
        documents(elements(6), elements(7)));
  }

  private Object[] elements(int column) throws SQLException {
    return (Object[]) rows.getArray(column).getArray();
  }

  private static int[] integers(Object[] elements) {
    int[] integers = new int[elements.length];
    for (int i = 0; i < elements.length; i++) {
      integers[i] = ((Number) elements[i]).intValue();
    }
    return integers;
  }

  private static byte[] bytes(Object[] elements) {
    byte[] bytes = new byte[elements.length];
    for (int i = 0; i < elements.length; i++) {
      bytes[i] = ((Number) elements[i]).byteValue();
    }
    return bytes;
  }

  private static List<Sequence.Document> documents(Object[] ids, Object[] starts) {
    var documents = new ArrayList<Sequence.Document>(ids.length);
    for (int i = 0; i < ids.length; i++) {
      documents.add(new Sequence.Document((String) ids[i], ((Number) starts[i]).intValue()));
    }
    return documents;
  }

  private static InputException unreadable(String where, SQLException e) {
    return new InputException(
        e, "%s cannot be read as sequences (%s): tokenize the corpus again", where, e.getMessage());
  }

  @Override
  public void close() {
    database.close();
    pass.close();
  }
}
