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
 * What a model loses against the dense one, document by document, on the same rows.
 *
 * <pre>
 *   Δ of a group of documents = (Σ loss(M*) − Σ loss(M)) / Σ tokens       in nats a token
 *   bucket b of B of a source = its documents with the ranks b n/B ≤ r < (b + 1) n/B by their Δ
 *                               on every second token
 *   Δ of a bucket             = on the other tokens
 * </pre>
 *
 * Documents that chance made worst on some tokens are not the worst on others: ranked and measured
 * on the same ones, the last bucket would lose and the first gain where all documents are alike.
 *
 * <p>Unlike the deviation that weights are made of, Δ is not cut off at 0 here.
 *
 * @param documents with at least one predicted token, by source and id
 */
public record LossDeviation(List<Document> documents) {

  /** Some tokens of a document; losses are sums over them, in nats. */
  public record Sums(long tokens, double dense, double pruned) {
    /** Δ of these alone. */
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
   * @param ranking those of its tokens that rank it
   */
  public record Document(String source, String id, Sums all, Sums ranking) {
    /** Those that do not. */
    Sums others() {
      return all.without(ranking);
    }
  }

  /**
   * Documents taken together.
   *
   * @param name the source, or {@code source/bucket}, buckets counted from 0, the least damaged
   * @param dense mean loss of a token
   * @param deviation interval: 95 %, documents drawn anew
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

  /** One group a source, by name. */
  public List<Group> bySource(Bootstrap bootstrap) {
    var groups = new ArrayList<Group>();
    sources()
        .forEach(
            (source, inIt) ->
                groups.add(Group.of(source, inIt.stream().map(Document::all).toList(), bootstrap)));
    return groups;
  }

  /** The groups that have documents here, by name, on the tokens that rank nobody. */
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
   * Parts each source's documents into {@code buckets}, or as many as there are documents; those of
   * one token, which cannot be ranked and measured, are in none.
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
