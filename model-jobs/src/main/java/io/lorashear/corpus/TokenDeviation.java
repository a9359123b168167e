package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.run.FileEntry;
import io.lorashear.run.PublishedDirectory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rise of the loss compared with the dense model, token by token, from the token losses of two
 * reports.
 *
 * @param sources distribution of the rise over the tokens of each source
 * @param worst token ids with the largest total rise, the worst first
 */
public record TokenDeviation(List<Spread> sources, List<TokenId> worst) {

  /** Folder of a loss report with Parquet files: source, sequence_id, place, ids, losses. */
  public static final String FOLDER = "tokens";

  /**
   * @param tokens predicted tokens
   * @param lower 5 % quantile, in nats; below 0 is a gain
   * @param median median, in nats
   * @param upper 95 % quantile, in nats
   * @param worse share of the tokens whose loss rose
   */
  public record Spread(
      String source, long tokens, double lower, double median, double upper, double worse) {}

  /**
   * @param count number of times that it was to be predicted
   * @param deviation mean rise of its loss, in nats
   */
  public record TokenId(int id, long count, double deviation) {}

  public TokenDeviation {
    sources = List.copyOf(sources);
    worst = List.copyOf(worst);
  }

  /** Whether a report has token losses. */
  public static boolean isIn(PublishedDirectory report) {
    return report.files().stream().anyMatch(TokenDeviation::isTokens);
  }

  private static boolean isTokens(FileEntry file) {
    return file.name().startsWith(FOLDER + "/") && file.name().endsWith(".parquet");
  }

  /**
   * Compares two reports on the same rows.
   *
   * @param most number of token ids that are listed
   * @throws InputException if a file differs from its hash or holds no token losses
   */
  public static TokenDeviation of(PublishedDirectory dense, PublishedDirectory pruned, int most) {
    var both =
        """
        with pairs as (
          select d.source, d.ids, d.losses as dense, p.losses as pruned
          from %s d join %s p using (sequence_id, place)),
        lost as (
          select source, id, pruned - dense as lost from (
            select source, unnest(ids) as id, unnest(dense) as dense, unnest(pruned) as pruned
            from pairs))
        """
            .formatted(table(dense), table(pruned));
    try (var database = new ShardDatabase()) {
      var sources =
          rows(
              database,
              both
                  + """
                  select source, count(*), quantile_cont(lost, 0.05), median(lost),
                    quantile_cont(lost, 0.95), avg(case when lost > 0 then 1 else 0 end)
                  from lost group by source order by source
                  """,
              row ->
                  new Spread(
                      row.getString(1),
                      row.getLong(2),
                      row.getDouble(3),
                      row.getDouble(4),
                      row.getDouble(5),
                      row.getDouble(6)));
      var worst =
          rows(
              database,
              both
                  + "select id, count(*), favg(lost) from lost group by id"
                  + " order by fsum(lost) desc, id limit "
                  + most,
              row -> new TokenId(row.getInt(1), row.getLong(2), row.getDouble(3)));
      return new TokenDeviation(sources, worst);
    } catch (SQLException e) {
      throw new InputException(
          e,
          "the token losses of %s and %s cannot be read (%s): run perplexity again with tokens:"
              + " true",
          dense.directory(),
          pruned.directory(),
          e.getMessage());
    }
  }

  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  private static <T> List<T> rows(ShardDatabase database, String query, Reading<T> reading)
      throws SQLException {
    var found = new ArrayList<T>();
    try (var rows = database.query(query)) {
      while (rows.next()) {
        found.add(reading.of(rows));
      }
    }
    return found;
  }

  private static String table(PublishedDirectory report) {
    return report.files().stream()
        .filter(TokenDeviation::isTokens)
        .map(file -> "'" + report.verified(file.name()).toString().replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "read_parquet([", "], hive_partitioning = false)"));
  }
}
