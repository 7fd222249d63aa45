using System.Text.Json;
using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteMeasureReportTests() : MeasureReportTests(StoreKind.Sqlite);

public sealed class PostgresMeasureReportTests() : MeasureReportTests(StoreKind.PostgreSql);

public abstract class MeasureReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly DateTimeOffset Time = Utc(2026, 1, 1, 12);

    [Fact]
    public async Task A_value_says_the_same_from_every_store()
    {
        (string Json, string? Text)[] values =
        [
            ("\"/users\"", "/users"),
            ("\"\"", ""),
            ("\"a \\\"q\\\" \\\\ \\n ä 😀 '; DROP TABLE x; --\"", "a \"q\" \\ \n ä 😀 '; DROP TABLE x; --"),
            ("200", "200"),
            ("1.50", "1.50"),
            ("1e3", "1000"),
            ("-0.0000001", "-0.0000001"),
            ("12345678901234567890123456789.0123456789", "12345678901234567890123456789.0123456789"),
            ("true", "true"),
            ("false", "false"),
            ("null", null),
            ("[ 1, \"a\", null ]", "[1,\"a\",null]"),
            ("{}", "{}"),
            ("{ \"bb\": 1, \"a\": { \"y\": 1, \"x\": [ { } ] } }", "{\"a\":{\"x\":[{}],\"y\":1},\"bb\":1}"),
        ];
        for (int i = 0; i < values.Length; i++)
        {
            await Store.WriteAsync(Record("api", 1, Time, $"c{i:00}", $$"""{"other":1,"k":{{values[i].Json}}}"""));
            // Another program may have written it in another form.
            string id = await Test.InsertAsync(Record("api", 2, Time, $"c{i:00}"), "true");
            string other = $$"""{ "k" : {{values[i].Json}} , "a": 0 }""";
            await Test.QueryAsync($"UPDATE billing_usage_records SET metadata = '{other.Replace("'", "''", StringComparison.Ordinal)}' WHERE usage_id = {id}");
        }

        IReadOnlyList<UsageMeasure> measures = await ReadAsync(["k"]);

        Assert.Equal(values.Select(v => (v.Text, 2L, 3m)), measures.Select(m => (m.Group!["k"], m.EventCount, m.TotalQuantity)));
        Assert.Equal(values.Select(v => v.Text ?? ""), measures.Select(m => m.Group!.ToString()));
    }

    [Fact]
    public async Task Groups_of_a_period_come_largest_first_and_their_figures_add_up()
    {
        DateTimeOffset next = Time.AddDays(1);
        await Store.WriteAsync(
            Record("api", 1, Time, metadata: """{"method":"GET","status":200}"""), Record("api", 4, Time.AddMinutes(20), metadata: """{"status":200,"method":"GET"}"""),
            Record("api", 2, Time, metadata: """{"method":"GET","status":"500"}"""), Record("api", 7, Time, metadata: """{"method":"POST"}"""),
            Record("api", 7, Time), Record("compute", 9, Time, metadata: """{"method":"GET"}"""),
            Record("api", 3, next, metadata: """{"method":"GET","status":200}"""), Record("api", 1, next, "acme", """{"method":"GET"}"""),
            Record("api", 100, next.AddHours(12), metadata: """{"method":"GET"}"""));
        await Test.InsertAsync(Record("api", 50, Time, metadata: """{"method":"GET"}"""));

        Assert.Equal(
            [
                "2 api acme GET 1 1 0.0001 1 1-1", "2 api default GET 1 3 0.0003 3 3-3",
                "1 api default  1 7 0.0007 7 7-7", "1 api default GET 3 7 0.0007 2.333333333333 1-4", "1 api default POST 1 7 0.0007 7 7-7",
                "1 compute default GET 1 9 0.45 9 9-9",
            ],
            (await ReadAsync(["method"])).Select(Show));
        Assert.Equal(
            ["status=, method=: 7", "status=, method=POST: 7", "status=200, method=GET: 5", "status=500, method=GET: 2"],
            (await ReadAsync(["status", "method"])).Where(m => m is { Period.Day: 1, Service: "api" }).Select(m => FormattableString.Invariant($"{m.Group}: {m.TotalQuantity}")));

        static string Show(UsageMeasure m) => FormattableString.Invariant(
            $"{m.Period.Day} {m.Service} {m.CustomerId} {m.Group} {m.EventCount} {m.TotalQuantity} {m.TotalCost} {m.AverageQuantity} {m.MinimumQuantity}-{m.MaximumQuantity}");
    }

    [Fact]
    public async Task A_key_is_a_name_whatever_it_looks_like()
    {
        string[] keys =
        [
            "'", "a b", " ", "", "\"", "$.x", "$1", "0", "{a,b}", "a.b[0]", "\\",
            "x') FROM billing_usage_records; DROP TABLE billing_usage_records; --",
            "ключ 😀\n",
        ];
        string all = JsonSerializer.Serialize(keys.ToDictionary(k => k, k => "<" + k + ">"));
        await Store.WriteAsync(Record("api", 1, Time, metadata: all), Record("api", 1, Time, metadata: """{"x":"x","a":{"b":["ab"]}}"""));

        IReadOnlyList<UsageMeasure> measures = await ReadAsync(keys);

        Assert.All(keys, key => Assert.Equal([null, "<" + key + ">"], measures.Select(m => m.Group![key]).Order()));
        foreach (string key in keys)
            Assert.Equal([null, "<" + key + ">"], (await ReadAsync([key])).Select(m => m.Group![key]));
    }

    [Fact]
    public async Task Keys_are_told_apart_by_case_and_values_by_every_character()
    {
        await Store.WriteAsync(
            Record("api", 8, Time, metadata: """{"k":"a","K":"b"}"""), Record("api", 4, Time, metadata: """{"k":"A"}"""),
            Record("api", 2, Time, metadata: """{"k":"a "}"""), Record("api", 1, Time, metadata: """{"K":"a"}"""));

        Assert.Equal(["a", "A", "a ", ""], (await ReadAsync(["k"])).Select(m => m.Group!.ToString()));
    }

    [Fact]
    public async Task A_range_cut_anywhere_and_every_period_add_up_to_the_records()
    {
        var random = new Random(3);
        UsageRecord[] records =
        [
            .. Enumerable.Range(0, 1_000).Select(i => Record(
                "api", random.Next(100) / 8m, Time.AddSeconds(random.Next(4 * 86_400)), $"c{random.Next(2)}", $$"""{"a":{{random.Next(3)}},"b":"{{random.Next(3)}}"}""")),
        ];
        await Store.WriteAsync(records);
        var range = new TimeRange(Time.AddSeconds(12_345), Time.AddSeconds(234_567));

        Assert.Equal(
            records.Where(r => r.Timestamp >= range.Start && r.Timestamp < range.End)
                .GroupBy(r => (r.Timestamp.Day, r.CustomerId, A: r.Metadata["a"], B: r.Metadata["b"]))
                .Select(g => FormattableString.Invariant($"{g.Key.Day} {g.Key.CustomerId} b={g.Key.B}, a={g.Key.A} {g.Count()} {ExactDecimal.Trim(g.Sum(r => r.Quantity))} {ExactDecimal.Trim(g.Min(r => r.Quantity))} {ExactDecimal.Trim(g.Max(r => r.Quantity))}"))
                .Order(StringComparer.Ordinal),
            (await MeasureReport.ReadAsync(Store, Scope("2026", "2026") with { Range = range }, PeriodKind.Daily, ["b", "a"], null, Cancel))
                .Select(m => FormattableString.Invariant($"{m.Period.Day} {m.CustomerId} {m.Group} {m.EventCount} {m.TotalQuantity} {m.MinimumQuantity} {m.MaximumQuantity}"))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Empty_periods_of_each_group_are_listed_when_asked_for()
    {
        await Store.WriteAsync(
            Record("api", 1, Time, metadata: """{"k":"a"}"""), Record("api", 2, Time.AddDays(1), metadata: """{"k":"b"}"""), Record("api", 4, Time.AddDays(1), metadata: """{"k":""}"""),
            Record("api", 8, Time));

        Assert.Equal(
            ["2 \"\" 4", "2 \"a\" 0", "2 \"b\" 2", "2 null 0", "1 \"\" 0", "1 \"a\" 1", "1 \"b\" 0", "1 null 8"],
            (await MeasureReport.ReadAsync(Store, Scope("2026-01-01", "2026-01-02").Only("api"), PeriodKind.Daily, ["k"], ["default"], Cancel))
                .OrderByDescending(m => m.Period).ThenBy(m => JsonSerializer.Serialize(m.Group!["k"]), StringComparer.Ordinal)
                .Select(m => FormattableString.Invariant($"{m.Period.Day} {JsonSerializer.Serialize(m.Group!["k"])} {m.TotalQuantity}")));
    }

    [Fact]
    public async Task The_largest_metadata_that_is_kept_can_be_grouped_by()
    {
        string value = new('x', Metadata.LargestSize - 8);
        await Store.WriteAsync(Record("api", 1, Time, metadata: $$"""{"k":"{{value}}"}"""));

        Assert.Equal(value, Assert.Single(await ReadAsync(["k"])).Group!["k"]);
    }

    [Fact]
    public async Task Metadata_of_other_programs_that_is_no_object_has_no_values()
    {
        foreach (string json in (string[])["[\"k\"]", "\"k\"", "null"])
        {
            string id = await Test.InsertAsync(Record("api", 1, Time), "true");
            await Test.QueryAsync($"UPDATE billing_usage_records SET metadata = '{json}' WHERE usage_id = {id}");
        }

        UsageMeasure measure = Assert.Single(await ReadAsync(["k"]));

        Assert.Equal((null, 3L), (measure.Group!["k"], measure.EventCount));
    }

    [Fact]
    public async Task Values_that_we_would_refuse_make_groups_all_the_same()
    {
        string[] values = [$"\"{new string('x', 70_000)}\"", new string('[', 40) + new string(']', 40), .. Test.IsPostgres ? Array.Empty<string>() : ["1e999", "\"\\ud800\""]];
        foreach (string value in values)
        {
            string id = await Test.InsertAsync(Record("api", 1, Time), "true");
            await Test.QueryAsync($"UPDATE billing_usage_records SET metadata = '{{\"k\":{value}}}' WHERE usage_id = {id}");
        }

        IReadOnlyList<UsageMeasure> measures = await ReadAsync(["k"]);

        Assert.Equal(values.Length, measures.Count);
        Assert.All(measures, m => Assert.Equal(1, m.EventCount));
    }

    private Task<IReadOnlyList<UsageMeasure>> ReadAsync(IReadOnlyList<string> keys) =>
        MeasureReport.ReadAsync(Store, Scope("2026-01-01", "2026-01-02"), PeriodKind.Daily, keys, null, Cancel);
}
