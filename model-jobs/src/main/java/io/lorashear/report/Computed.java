package io.lorashear.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.corpus.LossReport.SourceLoss;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Figures of the page that are computed from the files.
 *
 * <pre>
 *   removed    = (parameters before − after) / before
 *   factor     = perplexity recovered / dense
 *   losses     = Σ loss / Σ tokens of a source, and 95 % by bootstrap over documents
 *   deviations = the same of the difference to the dense model, document by document
 *   overall    = mean over sources of their losses
 *   wonBack    = (pruned − recovered) / (pruned − target), by target: dense, ceiling; of each
 *                source's loss and of overall
 *   read       = documents + dropped records of a source
 *   shards, rounds = how many there are
 *   best       = rows of a contest with the lowest loss, one for each ratio
 * </pre>
 */
record Computed(Facts facts) {

  ObjectNode json() {
    var json = JsonFile.object();
    verdict(json);
    losses(json.putObject("losses"), json.putObject("overall"));
    wonBack(json, json.putObject("wonBack"));
    deviations(json.putObject("deviations"));
    funnel(json.putObject("funnel"));
    shards(json.putObject("shards"));
    rounds(json);
    best(json);
    json.set("layers", facts.layers().json());
    return json;
  }

  private void verdict(ObjectNode json) {
    var report = facts.file("report/report.json");
    var before = report.at("dense").at("parameters");
    var after = report.at("recovered").at("parameters");
    if (before.exists() && after.exists()) {
      json.put("removed", (before.number() - after.number()) / before.number());
      double dense = report.at("dense").at("perplexity").number();
      json.put("factor", report.at("recovered").at("perplexity").number() / dense);
      json.put("cost", report.at("pruned").at("perplexity").number() / dense);
    }
  }

  private void losses(ObjectNode json, ObjectNode overall) {
    for (var name : facts.folders("perplexity")) {
      var report = LossReport.read(facts.run().resolve(name));
      var sources = json.putObject(name);
      overall.put(
          name, report.sources().stream().mapToDouble(SourceLoss::mean).average().orElse(0));
      for (var source : report.sources()) {
        var documents =
            report.documents().stream()
                .filter(each -> each.source().equals(source.source()) && each.tokens() > 0)
                .toList();
        var entry = sources.putObject(source.source()).put("loss", source.mean());
        entry.put("documents", documents.size()).put("tokens", source.tokens());
        if (documents.size() > 1) {
          put(
              entry,
              Bootstrap.USUAL.ratio(
                  documents.stream().mapToDouble(DocumentLoss::loss).toArray(),
                  documents.stream().mapToDouble(DocumentLoss::tokens).toArray()));
        }
      }
    }
  }

  private static void wonBack(ObjectNode computed, ObjectNode json) {
    for (var target : List.of("dense", Models.CEILING)) {
      var shares = json.putObject(target);
      var all = shares.putObject("sources");
      computed
          .at("/losses/losses~1recovered")
          .fieldNames()
          .forEachRemaining(
              source ->
                  share(of -> computed.path("losses").path(of).path(source).path("loss"), target)
                      .ifPresent(share -> all.put(source, share)));
      share(of -> computed.path("overall").path(of), target)
          .ifPresent(share -> shares.put("overall", share));
    }
  }

  /** What was won back of a log-perplexity that {@code figure} takes from a folder of losses. */
  private static OptionalDouble share(Function<String, JsonNode> figure, String target) {
    return WonBack.share(
        figure.apply("losses/pruned").asDouble(Double.NaN),
        figure.apply("losses/recovered").asDouble(Double.NaN),
        figure.apply("losses/" + target).asDouble(Double.NaN));
  }

  private void deviations(ObjectNode json) {
    for (var model : Models.of(facts).folders()) {
      if (model.isDense()) {
        continue;
      }
      var dense = LossReport.read(facts.run().resolve(model.dense()));
      var other = LossReport.read(facts.run().resolve(model.folder()));
      var sources = json.putObject(model.folder());
      for (var group : LossDeviation.of(dense, other).bySource(Bootstrap.USUAL)) {
        var entry = sources.putObject(group.name()).put("deviation", group.deviation());
        put(entry, group.interval());
      }
    }
  }

  private static void put(ObjectNode entry, Interval interval) {
    entry.put("low", interval.low()).put("high", interval.high());
  }

  private void funnel(ObjectNode json) {
    for (var folder : facts.folders("ingest")) {
      var sources = json.putObject(folder);
      for (var source : facts.manifest(folder).at("sources").items()) {
        double read = source.at("documents").number();
        for (var dropped : source.at("dropped").fields().values()) {
          read += dropped.number();
        }
        sources.putObject(source.at("name").text()).put("read", Math.round(read));
      }
    }
  }

  /** Files that training reads. */
  private void shards(ObjectNode json) {
    for (var folder : facts.folders("tokenize")) {
      json.put(folder, CorpusManifest.read(facts.run().resolve(folder)).shards().size());
    }
  }

  private void rounds(ObjectNode json) {
    long done =
        facts.files().entrySet().stream()
            .filter(entry -> entry.getKey().startsWith("history/"))
            .filter(entry -> entry.getValue().path("outcome").asText().equals("done"))
            .count();
    json.put("rounds", done);
  }

  /** For each ratio of a contest, the smallest first, its row with the lowest loss. */
  private void best(ObjectNode json) {
    var rows = facts.file(RunKind.CONTEST_FILE).at("rows").items();
    var best = new TreeMap<Double, Integer>();
    for (int row = 0; row < rows.size(); row++) {
      double ratio = rows.get(row).at("ratio").number();
      if (ratio > 0) { // neither the dense model nor its ceiling
        best.merge(ratio, row, (a, b) -> lower(rows, a, b));
      }
    }
    best.values().forEach(json.putArray("best")::add);
  }

  private static int lower(List<Found> rows, int a, int b) {
    return rows.get(b).at("loss").number() < rows.get(a).at("loss").number() ? b : a;
  }
}
