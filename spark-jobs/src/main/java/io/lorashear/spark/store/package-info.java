/**
 * Object stores as Java paths. In: addresses such as {@code s3a://bucket/folder}. Out: Java paths
 * backed by Hadoop's file systems, so that every stage reads and writes them like local ones.
 */
@NullMarked
package io.lorashear.spark.store;

import org.jspecify.annotations.NullMarked;
