package io.lorashear.contest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.score.Scorer;
import io.lorashear.vocabulary.VocabularyMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Losses of a model on held-out rows, row by row, so that two models can be compared on each row.
 *
 * <pre>
 *   perplexity of a source = exp(Σ nats / Σ tokens)        over its rows
 *   perplexity             = exp of the mean over sources of their log-perplexities
 * </pre>
 */
public record HeldOut(Map<String, List<Row>> sources) {

  /**
   * One row.
   *
   * @param tokens predicted tokens, at least 1
   * @param nats their −Σ log p
   */
  public record Row(long tokens, double nats) {
    double mean() {
      return nats / tokens;
    }
  }

  public HeldOut {
    sources = new TreeMap<>(sources);
  }

  /**
   * Scores {@code rows}; rows without a token to predict are left out.
   *
   * @param map if the model lost tokens that the rows have: losses are those of the ids before, so
   *     that they can be compared with those of the dense model
   */
  static HeldOut of(Scorer scorer, List<Sequence> rows, Optional<VocabularyMap> map) {
    var ids = rows.stream().map(Sequence::inputIds).toList();
    var losses =
        map.map(each -> each.lossesBefore(ids, scorer::tokenLosses))
            .orElseGet(() -> scorer.tokenLosses(ids));
    var sources = new TreeMap<String, List<Row>>();
    for (int i = 0; i < losses.length; i++) {
      var mask = rows.get(i).lossMask();
      long tokens = 0;
      double nats = 0;
      for (int t = 1; t < mask.length; t++) {
        tokens += mask[t];
        nats += mask[t] * losses[i][t - 1];
      }
      if (tokens > 0) {
        sources
            .computeIfAbsent(rows.get(i).source(), source -> new ArrayList<>())
            .add(new Row(tokens, nats));
      }
    }
    return new HeldOut(sources);
  }

  /**
   * Perplexity of one source.
   *
   * @throws IllegalArgumentException if there is none
   */
  List<Row> rows(String source) {
    var rows = sources.get(source);
    if (rows == null) {
      throw new IllegalArgumentException("no held-out row is of " + source);
    }
    return rows;
  }

  /** Perplexity by source. */
  Map<String, Double> perplexities() {
    var perplexities = new TreeMap<String, Double>();
    sources.forEach((source, rows) -> perplexities.put(source, Math.exp(loss(rows))));
    return perplexities;
  }

  /** Log-perplexity over all sources, with equal weights. */
  double loss() {
    return sources.values().stream().mapToDouble(HeldOut::loss).average().orElse(Double.NaN);
  }

  /** Number of predicted tokens of all rows. */
  long tokens() {
    return sources.values().stream().flatMap(List::stream).mapToLong(Row::tokens).sum();
  }

  private static double loss(List<Row> rows) {
    return rows.stream().mapToDouble(Row::nats).sum() / rows.stream().mapToLong(Row::tokens).sum();
  }

  ObjectNode toJson() {
    var json = JsonFile.object();
    sources.forEach(
        (source, rows) -> {
          var entry = json.putObject(source);
          var tokens = entry.putArray("tokens");
          rows.forEach(row -> tokens.add(row.tokens()));
          var nats = entry.putArray("nats");
          rows.forEach(row -> nats.add(row.nats()));
        });
    return json;
  }

  static HeldOut fromJson(JsonNode json) {
    var sources = new TreeMap<String, List<Row>>();
    json.properties()
        .forEach(
            entry -> {
              var rows = new ArrayList<Row>();
              var tokens = entry.getValue().path("tokens");
              var nats = entry.getValue().path("nats");
              for (int i = 0; i < tokens.size(); i++) {
                rows.add(new Row(tokens.get(i).asLong(), nats.path(i).asDouble()));
              }
              sources.put(entry.getKey(), rows);
            });
    return new HeldOut(sources);
  }
}
