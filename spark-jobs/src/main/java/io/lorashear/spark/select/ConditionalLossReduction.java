package io.lorashear.spark.select;

import io.lorashear.corpus.DocumentBuckets;
import io.lorashear.corpus.DocumentBuckets.Member;
import io.lorashear.corpus.LossDeviation;
import io.lorashear.corpus.LossDeviation.Document;
import io.lorashear.corpus.LossReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Selection of documents by CoLoR-Filter (arXiv 2406.10670, section 3): those on which a model that
 * was trained on wanted text lost most of its loss.
 *
 * <pre>
 *   score(x) = (ℓ(x; prior) − ℓ(x; conditional)) / tokens of x      nats per token
 *   kept     = the ⌈keep · n⌉ of a source's n documents with the highest scores
 * </pre>
 *
 * Each source is filtered by itself, so that the weights alone decide how much of it is drawn. Of
 * documents with equal scores, the first by id is kept.
 */
public record ConditionalLossReduction(LossDeviation deviation) {

  /**
   * Scores the documents that both reports measured.
   *
   * @param prior losses of the model before that training
   * @param conditional losses of the model after it
   * @throws io.lorashear.InputException if the reports are not about the same rows
   */
  public static ConditionalLossReduction of(LossReport prior, LossReport conditional) {
    return new ConditionalLossReduction(LossDeviation.of(prior, conditional));
  }

  /**
   * The kept documents, each in the group of its source.
   *
   * @param keep share of each source's documents, above 0, up to 1
   */
  public DocumentBuckets kept(double keep) {
    var bySource = new TreeMap<String, List<Document>>();
    for (Document document : deviation.documents()) {
      bySource.computeIfAbsent(document.source(), name -> new ArrayList<>()).add(document);
    }
    var kept = new ArrayList<Member>();
    bySource.forEach(
        (source, documents) ->
            documents.stream()
                .sorted(
                    Comparator.comparingDouble((Document each) -> each.all().deviation())
                        .thenComparing(Document::id))
                .limit((long) Math.ceil(keep * documents.size()))
                .forEach(each -> kept.add(new Member(source, each.id(), source))));
    return new DocumentBuckets(kept);
  }
}
