/**
 * The files by which DVC's workers are told of experiments: messages of Celery in directories,
 * results of tasks, and notes on who runs what. Who moves a message has its experiment, whoever it
 * is.
 */
@NullMarked
package io.revfs.experiment.queue.celery;

import org.jspecify.annotations.NullMarked;
