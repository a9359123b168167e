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
 * </pre>
 *
 * Unlike the deviation that weights are made of, Δ is not cut off at 0 here.
 *
 * @param documents with at least one predicted token, by source and id
 */
public record LossDeviation(List<Document> documents) {

  /** One document; losses are sums over its tokens, in nats. */
  public record Document(
      String source, String id, long tokens, double denseLoss, double prunedLoss) {
    /** Δ of this document alone. */
    public double deviation() {
      return (prunedLoss - denseLoss) / tokens;
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

    private static Group of(String name, List<Document> documents, Bootstrap bootstrap) {
      long tokens = documents.stream().mapToLong(Document::tokens).sum();
      double dense = documents.stream().mapToDouble(Document::denseLoss).sum() / tokens;
      double pruned = documents.stream().mapToDouble(Document::prunedLoss).sum() / tokens;
      var interval =
          bootstrap.ratio(
              documents.stream().mapToDouble(d -> d.prunedLoss() - d.denseLoss()).toArray(),
              documents.stream().mapToDouble(Document::tokens).toArray());
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
                each.source(), each.document(), each.tokens(), before.loss(), each.loss()));
      }
    }
    documents.sort(Comparator.comparing(Document::source).thenComparing(Document::id));
    return new LossDeviation(documents);
  }

  /** One group a source, by name. */
  public List<Group> bySource(Bootstrap bootstrap) {
    var groups = new ArrayList<Group>();
    sources().forEach((source, inIt) -> groups.add(Group.of(source, inIt, bootstrap)));
    return groups;
  }

  /** The groups that have documents here, by name. */
  public List<Group> byBucket(DocumentBuckets buckets, Bootstrap bootstrap) {
    var byName = new TreeMap<String, List<Document>>();
    sources()
        .forEach(
            (source, inIt) -> {
              var names = buckets.groups(source);
              for (Document document : inIt) {
                var name = names.get(document.id());
                if (name != null) {
                  byName.computeIfAbsent(name, key -> new ArrayList<>()).add(document);
                }
              }
            });
    var groups = new ArrayList<Group>();
    byName.forEach((name, inIt) -> groups.add(Group.of(name, inIt, bootstrap)));
    return groups;
  }

  /** Parts each source's documents into {@code buckets}, or as many as there are documents. */
  public DocumentBuckets buckets(int buckets) {
    var members = new ArrayList<DocumentBuckets.Member>();
    sources()
        .forEach(
            (source, inIt) -> {
              var ranked = new ArrayList<>(inIt);
              ranked.sort(
                  Comparator.comparingDouble(Document::deviation).thenComparing(Document::id));
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
