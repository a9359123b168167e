package io.lorashear.corpus;

import io.lorashear.corpus.LossReport.DocumentLoss;
import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;

/**
 * Rise of the loss compared with the dense model, document by document, on the same rows.
 *
 * <pre>
 *   Δ of a group of documents = (Σ loss(M*) − Σ loss(M)) / Σ tokens       in nats a token
 *   bucket b of B of a source = its documents with the ranks b n/B ≤ r < (b + 1) n/B by their Δ
 *                               on every second token
 *   Δ of a bucket             = on the other tokens
 * </pre>
 *
 * Documents are ranked on some tokens and measured on the others, because ranking by noise would
 * otherwise show a difference between buckets of equal documents.
 *
 * <p>Unlike the deviation that gives sampling weights, Δ is not clipped at 0 here.
 *
 * @param documents with at least one predicted token, by source and id
 */
public record LossDeviation(List<Document> documents) {

  /** Some tokens of a document; losses are sums over them, in nats. */
  public record Sums(long tokens, double dense, double pruned) {
    /** Δ of these tokens. */
    public double deviation() {
      return (pruned - dense) / tokens;
    }

    Sums without(Sums some) {
      return new Sums(tokens - some.tokens, dense - some.dense, pruned - some.pruned);
    }
  }

  /**
   * One document.
   *
   * @param ranking the tokens that rank it
   */
  public record Document(String source, String id, Sums all, Sums ranking) {
    /** The tokens that do not rank it. */
    Sums others() {
      return all.without(ranking);
    }
  }

  /**
   * A group of documents.
   *
   * @param name the source, or {@code source/bucket}, buckets counted from 0, the least damaged one
   * @param dense mean loss of a token
   * @param deviation 95 % interval by bootstrap over documents
   */
  public record Group(
      String name,
      int documents,
      long tokens,
      double dense,
      double pruned,
      double deviation,
      Interval interval) {

    private static Group of(String name, List<Sums> documents, Bootstrap bootstrap) {
      long tokens = documents.stream().mapToLong(Sums::tokens).sum();
      double dense = documents.stream().mapToDouble(Sums::dense).sum() / tokens;
      double pruned = documents.stream().mapToDouble(Sums::pruned).sum() / tokens;
      var interval =
          bootstrap.ratio(
              documents.stream().mapToDouble(d -> d.pruned() - d.dense()).toArray(),
              documents.stream().mapToDouble(Sums::tokens).toArray());
      return new Group(name, documents.size(), tokens, dense, pruned, pruned - dense, interval);
    }
  }

  public LossDeviation {
    documents = List.copyOf(documents);
  }

  /**
   * Pairs the documents of two reports.
   *
   * @throws io.lorashear.InputException if they are not about the same rows
   */
  public static LossDeviation of(LossReport dense, LossReport pruned) {
    dense.requireSameRows(pruned);
    record Key(String source, String document) {}
    var reference = new HashMap<Key, DocumentLoss>();
    dense.documents().forEach(each -> reference.put(new Key(each.source(), each.document()), each));
    var documents = new ArrayList<Document>();
    for (DocumentLoss each : pruned.documents()) {
      var before = reference.get(new Key(each.source(), each.document()));
      if (before != null && before.tokens() == each.tokens() && each.tokens() > 0) {
        documents.add(
            new Document(
                each.source(),
                each.document(),
                new Sums(each.tokens(), before.loss(), each.loss()),
                new Sums(each.everySecond(), before.secondLoss(), each.secondLoss())));
      }
    }
    documents.sort(Comparator.comparing(Document::source).thenComparing(Document::id));
    return new LossDeviation(documents);
  }

  /** One group for each source, by name. */
  public List<Group> bySource(Bootstrap bootstrap) {
    var groups = new ArrayList<Group>();
    sources()
        .forEach(
            (source, inIt) ->
                groups.add(Group.of(source, inIt.stream().map(Document::all).toList(), bootstrap)));
    return groups;
  }

  /** The groups that have documents here, by name, measured on the tokens that do not rank. */
  public List<Group> byBucket(DocumentBuckets buckets, Bootstrap bootstrap) {
    var byName = new TreeMap<String, List<Sums>>();
    sources()
        .forEach(
            (source, inIt) -> {
              var names = buckets.groups(source);
              for (Document document : inIt) {
                var name = names.get(document.id());
                if (name != null && document.others().tokens() > 0) {
                  byName.computeIfAbsent(name, key -> new ArrayList<>()).add(document.others());
                }
              }
            });
    var groups = new ArrayList<Group>();
    byName.forEach((name, inIt) -> groups.add(Group.of(name, inIt, bootstrap)));
    return groups;
  }

  /**
   * Divides each source's documents into {@code buckets}, or into as many as there are documents;
   * documents of a single token cannot be ranked and measured, and are in none.
   */
  public DocumentBuckets buckets(int buckets) {
    var members = new ArrayList<DocumentBuckets.Member>();
    sources()
        .forEach(
            (source, inIt) -> {
              var ranked = new ArrayList<>(inIt);
              ranked.removeIf(each -> each.ranking().tokens() < 1 || each.others().tokens() < 1);
              ranked.sort(
                  Comparator.comparingDouble((Document each) -> each.ranking().deviation())
                      .thenComparing(Document::id));
              int parts = Math.min(buckets, ranked.size());
              for (int rank = 0; rank < ranked.size(); rank++) {
                long bucket = (long) rank * parts / ranked.size();
                members.add(
                    new DocumentBuckets.Member(
                        source, ranked.get(rank).id(), source + "/" + bucket));
              }
            });
    return new DocumentBuckets(members);
  }

  private TreeMap<String, List<Document>> sources() {
    var sources = new TreeMap<String, List<Document>>();
    documents.forEach(
        document ->
            sources.computeIfAbsent(document.source(), name -> new ArrayList<>()).add(document));
    return sources;
  }
}
