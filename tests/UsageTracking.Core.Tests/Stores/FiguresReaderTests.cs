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

    private static string[] Show(IEnumerable<PeriodFigures> rows) =>
        [.. rows.Select(r => FormattableString.Invariant($"{r.Period:00} {r.CustomerId} {r.Service} {r.Figures.Events} {r.Figures.Quantity} {r.Figures.Minimum} {r.Figures.Maximum}")).Order(StringComparer.Ordinal)];
}
