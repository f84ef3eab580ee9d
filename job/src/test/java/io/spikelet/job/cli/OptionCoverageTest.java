package io.spikelet.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every option has a test that fails when it is ignored: here stands which, by the class that declares the option. */
final class OptionCoverageTest {
    /** Tests in this package, and the options that they show, by declaring class. */
    private static final String TESTS = """
            ConfigurationTest.whatIsPrintedIsAJobFileOfTheSameConfiguration
              Main --print-config
            ConfigurationTest.theCommandLineGoesBeforeTheFileAndTheFileBeforeSparkConfAndThatBeforeDefaults
              (command) --job-file
            MainTest.verbosePrintsTheStackTraceAfterTheLine
              Main --verbose
            SparkCommandsTest.quietLeavesResultsAndErrors
              Main --quiet
            MainTest.everyCommandHasHelpWithAnExample
              AutoHelpMixin --help
            MainTest.versionNamesTheJvmAndSpark
              AutoHelpMixin --version

            SparkCommandsTest.aModelThatIsNotOneIsRefused
              ModelOptions --model
            AblationOptionTest.ablationsChangeTheNumbersAndAreRecorded
              ModelOptions --ablate
            KeyValueCacheOptionTest.eachTypeHasNumbersOfItsOwnAndIsRecorded
              ModelOptions --kv-cache
            KeyValueCacheOptionTest.twoTypesOfOneModelCanBeCompared
              CompareCommand --baseline-kv-cache
            OptionsOfOtherCommandsTest.theModelCacheBecomesPropertiesThatExecutorsSee
              ModelOptions --model-cache --model-cache-size
            RunOptionsTest.optionsOfRowsLimitsAndResumptionHoldForEveryCommand
              InputOptions --input --format --id-column --drop-columns --limit
              RunOptions --output --max-errors --retry-failed --max-row-bytes --max-prompt-tokens --row-timeout
              PartitionOptions --partitions
              PerplexityCommand --text-column
              CompareCommand --text-column
              RequestOptions --prompt-column
            BadRowsTest.moreErrorsThanAllowedAreStatusOneAsANumberAndAsAShare
              RunOptions --resume
            OptionsOfOtherCommandsTest.aSparkPropertyReachesTheSession
              SparkOptions --conf
            OptionsOfOtherCommandsTest.aMasterThatIsNoneIsRefusedByEveryCommandThatTakesOne
              SparkOptions --master

            GenerateRequestsTest.aTemplateMakesThePromptsFromColumns
              RequestOptions --template --template-file
            GenerateRequestsTest.samplesAreRowsOfTheirOwnAndDependOnNothingElse
              RequestOptions --samples
            GenerateRequestsTest.equalPromptsAreCompletedOnceAndCopied
              RequestOptions --deduplicate
            GenerateRequestsTest.everyOptionChangesTheRowsAndSoDoesItsColumn
              RequestOptions --override-columns
              SamplingOptions --sampler --max-new-tokens --min-new-tokens --temperature --adaptive-temperature --top-k
              SamplingOptions --top-p --min-p --repetition-penalty --presence-penalty --frequency-penalty --stop
              SamplingOptions --stop-ids --banned-ids --seed --token-logprobs --top-logprobs --prompt-logprobs
            OptionsOfOtherCommandsTest.aBatchSizeMakesAsManyPartitionsAsBatchesFill
              SamplingOptions --batch-size

            ScoringOptionsTest.perplexityTakesItsWindowItsPrefixItsGroupsAndItsBootstrap
              WindowOptions --context --stride --batch-size
              PerplexityCommand --group-by --prefix --bootstrap --seed --emit-tokens
            SparkCommandsTest.printsTheSummaryOfAPerplexity
              PerplexityCommand --protocol
            ScoringOptionsTest.compareTakesItsBaselineAndItsWindow
              CompareCommand --baseline --baseline-ablate --protocol
            ScoringOptionsTest.choiceTakesItsContextItsPrefixAndItsGroups
              ChoiceCommand --context --prefix --group-by --batch-size
            ScoringOptionsTest.choiceTakesItsExamplesFromTheSplitOfTheTaskOrTheGivenOne
              ChoiceCommand --num-fewshot --fewshot-seed --fewshot-split
            ChoiceCommandTest.aTaskByNamePrintsItsSummary
              ChoiceCommand --task
            CompareCommandTest.twoFinishedRunsGiveTheSameDifferenceWithoutDivergence
              CompareRunsCommand --run --baseline --output
            PlanCommandTest.saysWhatWouldBeDoneAndWritesNothing
              PlanCommand --output
            PlanCommandTest.everyCommandOverRowsPlansItselfInADryRun
              RunOptions --dry-run

            SparkCommandsTest.generatesAndAnswersAQuestionAboutIt
              SqlCommand --results --format
            SparkCommandsTest.sqlCutsTextsUnlessTheyAreWantedWhole
              SqlCommand --max-width
            SqlPromptTest.statementsComeFromAFileToo
              SqlCommand --file
            ReportCommandTest.groupsOfCompletionsCanBeNamed
              ReportCommand --output --group-by --no-texts
            SparkCommandsTest.theDemoShowsCompletionsScoresAndAnAnswer
              DemoCommand --output

            ConvertCommandTest.fp32WeightsMakeEveryTensorFloat32
              ConvertCommand --checkpoint --output --weights
            ConvertCommandTest.theSchemeIsRecordedAndExplained
              ConvertCommand --scheme
            ConvertCommandTest.refusesATokenizerThatIsNone
              ConvertCommand --tokenizer
            ModelCommandsTest.logitsStopAtTheFirstConfidentBlockWhenTheModelSaysSo
              ConvertCommand --config
            OptionsOfOtherCommandsTest.aConversionTakesTheEmbeddingAndTheVariant
              ConvertCommand --embedding --variant
            OptionsOfOtherCommandsTest.aConversionTakesTheProfileAndWhatTheEmbeddingIs
              ConvertCommand --profile
            ModelCommandsTest.verifyFindsOneFlippedBit
              InspectCommand --verify
            ModelCommandsTest.writesTheGoldenLogitsOfEveryPosition
              LogitsCommand --model --token-ids --output
            TokenizeCommandTest.writesTheIdsOfEveryTextWithoutBos
              TokenizeCommand --tokenizer --texts --output
            SynthesizeCommandTest.writesAModelOfThePresetsShapeThatVerifies
              SynthesizeCommand --preset --output
            SynthesizeCommandTest.aTokenizerIsPutBesideTheWeights
              SynthesizeCommand --tokenizer
            SynthesizeCommandTest.theSchemeOfASynthesizedModelIsTheChosenOne
              SynthesizeCommand --scheme
            OptionsOfOtherCommandsTest.theSeedOfASynthesizedModelDeterminesItsWeights
              SynthesizeCommand --seed
            BenchCommandTest.printsATableWithTheMachineItsBoundsAndEveryFigure
              BenchCommand --ladder
            BenchCommandTest.jsonIsOneObjectWithTheContractsKeysAndNothingElse
              BenchCommand --json --quick --batch --kv-cache
            BenchCommandTest.valuesOutOfRangeAreRefusedBeforeTheModelIsOpened
              BenchCommand --model --seconds
            BenchCommandTest.aJobIsMeasuredBesideTheEngineOnTheSameRows
              BenchCommand --job
            BenchCommandTest.startUpIsMeasuredInWholeCommandsBesideTheMinimalProgram
              BenchCommand --startup
            """;

    @Test
    void everyOptionOfEveryCommandNamesItsTest() {
        assertThat(tests().keySet())
                .containsExactlyInAnyOrderElementsOf(declared().keySet());
    }

    @Test
    void everyTestThatIsNamedIsThereAndItsClassGivesTheOption() throws IOException {
        Map<String, OptionSpec> declared = declared();
        for (Map.Entry<String, String> shown : tests().entrySet()) {
            String[] test = shown.getValue().split("\\.", 2);
            String source = Files.readString(Path.of("src/test/java/io/spikelet/job/cli", test[0] + ".java"));
            String names = Stream.of(declared.get(shown.getKey()).names())
                    .map(name -> name.replaceFirst("^-+", ""))
                    .collect(Collectors.joining("|"));
            assertThat(source)
                    .as("%s in %s", shown.getKey(), shown.getValue())
                    .contains("void " + test[1] + "(")
                    .containsPattern("\"(-|--|--no-)?(" + names + ")[\"=]");
        }
    }

    private static Map<String, String> tests() {
        Map<String, String> tests = new TreeMap<>();
        String test = "";
        for (String line : TESTS.lines().filter(line -> !line.isBlank()).toList()) {
            String[] words = line.strip().split(" ");
            if (words.length == 1) {
                test = words[0];
            }
            for (int i = 1; i < words.length; i++) {
                tests.put(words[0] + " " + words[i], test);
            }
        }
        return tests;
    }

    /** The options of all commands; one that several share is one. */
    private static Map<String, OptionSpec> declared() {
        CommandLine commands = Main.commands();
        Map<String, OptionSpec> declared = new TreeMap<>();
        Stream.concat(Stream.of(commands), commands.getSubcommands().values().stream())
                .flatMap(command -> command.getCommandSpec().options().stream())
                .forEach(option -> declared.put(owner(option) + " " + option.longestName(), option));
        return declared;
    }

    private static String owner(OptionSpec option) {
        return option.userObject() instanceof Field field
                ? field.getDeclaringClass().getSimpleName()
                : "(command)";
    }
}
