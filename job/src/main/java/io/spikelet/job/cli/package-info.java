/**
 * The command line: options in, one clear line and an exit status out. Every command is a class named after it. Imports
 * everything below; nothing imports it.
 */
package io.spikelet.job.cli;
