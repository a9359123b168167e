package io.lorashear.corpus;

import io.lorashear.InputException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of a corpus, one after the other; must be closed. */
public final class SequenceStream implements Iterator<Sequence>, AutoCloseable {

  private static final String COLUMNS =
      "filename, sequence_id, input_ids, loss_mask, tokens, document_ids, document_starts";

  private final ShardDatabase database;
  private final List<VerifiedShard> shards;
  private final ResultSet rows;
  private final long expected;
  private long read;
  private @Nullable Sequence next;

  /** A file whose hash agrees with its manifest. */
  record VerifiedShard(Path file, Shard shard) {}

  private SequenceStream(
      ShardDatabase database, List<VerifiedShard> shards, String query, long expected)
      throws SQLException {
    this.database = database;
    this.shards = shards;
    this.expected = expected;
    this.rows = database.query(query);
    this.next = fetch();
  }

  /** All rows, shard after shard. */
  static SequenceStream all(List<VerifiedShard> shards) {
    long expected = shards.stream().mapToLong(verified -> verified.shard().rows()).sum();
    var query = "select %s from %s".formatted(COLUMNS, table(shards));
    return open(shards, database -> new SequenceStream(database, shards, query, expected));
  }

  /** The rows of these ids, in this order. */
  static SequenceStream rows(List<VerifiedShard> shards, List<String> ids) {
    var query =
        "select %s from %s join wanted on sequence_id = id order by place"
            .formatted(COLUMNS, table(shards));
    return open(
        shards,
        database -> {
          database.wanted(ids);
          return new SequenceStream(database, shards, query, ids.size());
        });
  }

  /** Passes the ids to {@code consumer}, in no particular order. */
  static void forEachId(List<VerifiedShard> shards, Consumer<String> consumer) {
    try (var database = new ShardDatabase();
        var rows = database.query("select sequence_id from " + table(shards))) {
      while (rows.next()) {
        consumer.accept(rows.getString(1));
      }
    } catch (SQLException e) {
      throw unreadable(shards, e);
    }
  }

  /** Passes each id to {@code consumer}, with how often it occurs; filling does not count. */
  static void forEachToken(List<VerifiedShard> shards, ObjLongConsumer<Integer> consumer) {
    var ids = "select unnest(input_ids[1:tokens]) as id from " + table(shards);
    try (var database = new ShardDatabase();
        var rows = database.query("select id, count(*) from (%s) group by id".formatted(ids))) {
      while (rows.next()) {
        consumer.accept(rows.getInt(1), rows.getLong(2));
      }
    } catch (SQLException e) {
      throw unreadable(shards, e);
    }
  }

  private interface Opening {
    SequenceStream on(ShardDatabase database) throws SQLException;
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static SequenceStream open(List<VerifiedShard> shards, Opening opening) {
    try {
      var database = new ShardDatabase();
      try {
        return opening.on(database);
      } catch (SQLException | RuntimeException e) {
        database.close();
        throw e;
      }
    } catch (SQLException e) {
      throw unreadable(shards, e);
    }
  }

  private static String table(List<VerifiedShard> shards) {
    return shards.stream()
        .map(verified -> "'" + verified.file().toString().replace("'", "''") + "'")
        .collect(
            Collectors.joining(
                ", ", "read_parquet([", "], filename = true, hive_partitioning = false)"));
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
      throw unreadable(shards, e);
    }
    return current;
  }

  private @Nullable Sequence fetch() throws SQLException {
    if (rows.next()) {
      read++;
      return sequence();
    }
    if (read != expected) {
      throw new InputException(
          "%d rows were to be read from %s, but only %d are there:"
              + " the subset belongs to another corpus, or the corpus was changed",
          expected, names(shards), read);
    }
    return null;
  }

  private Sequence sequence() throws SQLException {
    var shard = shardOf(rows.getString(1));
    return new Sequence(
        shard.source(),
        shard.split(),
        rows.getString(2),
        integers(elements(3)),
        bytes(elements(4)),
        rows.getInt(5),
        documents(elements(6), elements(7)));
  }

  private Shard shardOf(String file) {
    return shards.stream()
        .filter(verified -> verified.file().toString().equals(file))
        .map(VerifiedShard::shard)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(file + " was not asked for"));
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

  private static InputException unreadable(List<VerifiedShard> shards, SQLException e) {
    return new InputException(
        e,
        "%s cannot be read as sequences (%s): tokenize the corpus again",
        names(shards),
        e.getMessage());
  }

  private static String names(List<VerifiedShard> shards) {
    Function<VerifiedShard, String> name = verified -> verified.file().toString();
    return shards.size() == 1
        ? name.apply(shards.get(0))
        : shards.size() + " shards from " + name.apply(shards.get(0)) + " on";
  }

  @Override
  public void close() {
    database.close();
  }
}
