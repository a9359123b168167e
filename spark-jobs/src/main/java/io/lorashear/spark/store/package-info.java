/**
 * In: addresses such as {@code s3a://bucket/folder}. Out: paths of Java's own kind, behind which
 * Hadoop's file systems are, so that every stage reads and writes them as it does local ones.
 */
@NullMarked
package io.lorashear.spark.store;

import org.jspecify.annotations.NullMarked;
