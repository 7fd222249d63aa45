using System.Globalization;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteFiguresReaderTests() : FiguresReaderTests(StoreKind.Sqlite);

public sealed class PostgresFiguresReaderTests() : FiguresReaderTests(StoreKind.PostgreSql);

public abstract class FiguresReaderTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private const int Minutes = 600;

    [Fact]
    public async Task Wherever_periods_begin_and_end_their_figures_are_those_of_the_records()
    {
        var random = new Random(20260615);
        DateTimeOffset origin = Utc(2026, 6, 15);
        await Store.WriteAsync([.. Enumerable.Range(0, 400).Select(_ => Record(
            random.Next(2) == 0 ? "api" : "compute", random.Next(1, 1000), origin.AddSeconds(random.Next(Minutes * 60)), random.Next(2) == 0 ? "acme" : "beta"))]);

        for (int round = 0; round < 60; round++)
        {
            // Some bounds lie on quarter hours, some do not, and some share one.
            DateTimeOffset[] bounds =
            [
                .. Enumerable.Range(0, random.Next(2, 12))
                    .Select(_ => random.Next(3) switch { 0 => origin.AddMinutes(15 * random.Next(Minutes / 15)), 1 => origin.AddMinutes(random.Next(Minutes)), _ => origin.AddSeconds(random.Next(1800)) })
                    .Distinct().Order(),
            ];
            if (bounds.Length < 2)
                continue;

            Period[] periods = [.. bounds.Zip(bounds.Skip(1), (a, b) => new Period(a, b))];
            var range = new TimeRange(bounds[0], bounds[^1]);

            List<PeriodFigures> read = await new FiguresReader(Store).ReadAsync(UsageFilter.All, range, periods, Cancel);

            Assert.Equal(Show(await Store.SumRecordsAsync(UsageFilter.All, bounds, Cancel)), Show(read));
        }
    }

    // Of the quarter hour from 12:00, acme's api is archived (1 and 2), but for a record that came later (32).
    [Theory]
    [InlineData("12:03 12:25", "0 acme api 4 39 1 32; 0 acme compute 1 8 8 8; 0 beta api 1 16 16 16", true)]
    [InlineData("12:03 12:06 12:25", "0 acme compute 1 8 8 8; 0 beta api 1 16 16 16; 1 acme api 4 39 1 32", true)]
    [InlineData("12:00 12:06 12:25", "0 acme compute 2 72 8 64; 0 beta api 2 144 16 128; 1 acme api 4 39 1 32", true)]
    [InlineData("11:50 12:03", "0 acme api 3 35 1 32; 0 acme compute 1 64 64 64; 0 beta api 1 128 128 128", true)]
    [InlineData("12:03 12:04", "0 acme api 3 35 1 32", true)]
    [InlineData("12:00 12:15 12:30", "0 acme api 3 35 1 32; 0 acme compute 2 72 8 64; 0 beta api 2 144 16 128; 1 acme api 1 4 4 4", false)]
    [InlineData("12:16 12:25", "0 acme api 1 4 4 4", false)]
    public async Task A_quarter_hour_whose_records_are_archived_counts_whole_in_the_last_of_its_periods(string clocks, string expected, bool warns)
    {
        DateTimeOffset At(string clock) => Utc(2026, 1, 5).Add(TimeSpan.Parse(clock, CultureInfo.InvariantCulture));
        await Store.WriteAsync(
            Record("api", 1, At("12:01"), "acme"), Record("api", 2, At("12:05"), "acme"), Record("api", 4, At("12:20"), "acme"),
            Record("compute", 64, At("12:01"), "acme"), Record("compute", 8, At("12:05"), "acme"),
            Record("api", 128, At("12:02"), "beta"), Record("api", 16, At("12:05"), "beta"));
        await Test.ArchiveAsync("acme", "api", At("12:00"), At("12:15"));
        await Store.WriteAsync(Record("api", 32, At("12:10"), "acme"));
        DateTimeOffset[] bounds = [.. clocks.Split(' ').Select(At)];
        var widening = new Widening();

        List<PeriodFigures> read = await new FiguresReader(Store) { Widening = widening }.ReadAsync(
            UsageFilter.All, new TimeRange(bounds[0], bounds[^1]), [.. bounds.Zip(bounds.Skip(1), (a, b) => new Period(a, b))], Cancel);

        Assert.Equal(expected.Split("; ").Select(e => "0" + e), Show(read));
        Assert.Equal(warns ? "RangeWidened: records of 2026-01-05 12:00 to 12:15 UTC are archived, so all of that quarter hour is counted." : null, widening.Warning);
    }

    [Fact]
    public async Task Several_quarter_hours_are_counted_and_the_first_is_named()
    {
        DateTimeOffset day = Utc(2026, 1, 5);
        await Store.WriteAsync(Record("api", 1, day.AddMinutes(-1)), Record("api", 2, day.AddHours(8)), Record("api", 4, day.AddHours(16)));
        await Test.ArchiveAsync("default", "api", day.AddDays(-1), day.AddDays(1));
        var widening = new Widening();
        var reader = new FiguresReader(Store) { Widening = widening };

        // The second is whole.
        var late = new TimeRange(day.AddHours(8), day.AddHours(16).AddMinutes(5));
        Assert.Equal(["00 default api 2 6 2 4"], Show(await reader.ReadAsync(UsageFilter.All, late, [new Period(late.Start, late.End)], Cancel)));
        var early = new TimeRange(day.AddMinutes(-5), day.AddHours(16).AddMinutes(5));
        Assert.Equal(["00 default api 3 7 1 4"], Show(await reader.ReadAsync(UsageFilter.All, early, [new Period(early.Start, early.End)], Cancel)));

        Assert.Equal(
            "RangeWidened: records of 2 quarter hours are archived, so all of each is counted. The first is 2026-01-04 23:45 to 00:00 UTC.",
            widening.Warning);
    }

    [Fact]
    public async Task Wherever_periods_begin_and_end_what_is_archived_is_counted_once()
    {
        var random = new Random(20260616);
        DateTimeOffset origin = Utc(2026, 6, 15);
        UsageRecord[] records =
        [
            .. Enumerable.Range(0, 400).Select(_ => Record(
                random.Next(2) == 0 ? "api" : "compute", random.Next(1, 1000), origin.AddSeconds(random.Next(Minutes * 60)), random.Next(2) == 0 ? "acme" : "beta")),
        ];
        await Store.WriteAsync(records);
        DateTimeOffset[] archived = [.. Enumerable.Range(0, Minutes / 15).Where(_ => random.Next(2) == 0).Select(i => origin.AddMinutes(15 * i))];
        foreach (DateTimeOffset quarter in archived)
            await Test.ArchiveAsync("acme", "api", quarter, quarter.AddMinutes(15));

        for (int round = 0; round < 60; round++)
        {
            DateTimeOffset[] bounds = [.. Enumerable.Range(0, random.Next(2, 8)).Select(_ => origin.AddMinutes(random.Next(Minutes))).Distinct().Order()];
            if (bounds.Length < 2)
                continue;

            Period[] periods = [.. bounds.Zip(bounds.Skip(1), (a, b) => new Period(a, b))];
            var range = new TimeRange(bounds[0], bounds[^1]);

            List<PeriodFigures> read = await new FiguresReader(Store).ReadAsync(UsageFilter.All, range, periods, Cancel);

            Assert.Equal(
                records
                    .Select(r => (Record: r, At: Counted(r, bounds)))
                    .Where(r => r.At >= range.Start && r.At < range.End)
                    .GroupBy(r => (r.Record.CustomerId, r.Record.Service, Period: bounds.Count(b => b <= r.At) - 1), r => r.Record.Quantity)
                    .Select(g => FormattableString.Invariant($"{g.Key.Period:00} {g.Key.CustomerId} {g.Key.Service} {g.Count()} {g.Sum()} {g.Min()} {g.Max()}"))
                    .Order(StringComparer.Ordinal),
                Show(read));
        }

        // The time at which a record counts: of a quarter hour that is cut and archived, the last that is asked for.
        DateTimeOffset Counted(UsageRecord record, DateTimeOffset[] bounds)
        {
            DateTimeOffset quarter = Instants.QuarterHour(record.Timestamp);
            bool isCut = bounds.Any(b => b > quarter && b < quarter.AddMinutes(15));
            bool isWhole = isCut && record is { CustomerId: "acme", Service: "api" } && archived.Contains(quarter);
            return !isWhole ? record.Timestamp : (quarter.AddMinutes(15) < bounds[^1] ? quarter.AddMinutes(15) : bounds[^1]).AddTicks(-1);
        }
    }

    private static string[] Show(IEnumerable<PeriodFigures> rows) =>
        [.. rows.Select(r => FormattableString.Invariant($"{r.Period:00} {r.CustomerId} {r.Service} {r.Figures.Events} {r.Figures.Quantity} {r.Figures.Minimum} {r.Figures.Maximum}")).Order(StringComparer.Ordinal)];
}
