using System.Text.Json;
using UsageTracking.Files.Archives;
using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteCorrectionLawTests() : CorrectionLawTests(StoreKind.Sqlite);

public sealed class PostgresCorrectionLawTests() : CorrectionLawTests(StoreKind.PostgreSql);

/// <summary>A store in which records were undone and adjusted says of everything what one says in which they were right from the first.</summary>
public abstract class CorrectionLawTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly string[] Customers = ["a", "b"];

    private readonly StoreKind _kind = kind;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Undone_and_adjusted_records_are_as_if_they_had_been_right_from_the_first(int seed)
    {
        await using TestStore other = await TestStore.CreateAsync(_kind);
        var random = new Random(seed);
        // All of some quarter hours, days and metadata values are undone.
        (UsageRecord Wrong, UsageRecord? Right)[] all = [.. Enumerable.Range(0, 400).Select(i => Draw(random, i)).Select(r => (r, Mend(random, r)))];
        await Store.WriteAsync([.. all.Select(a => a.Wrong)]);
        await other.Store.WriteAsync([.. all.Select(a => a.Right).OfType<UsageRecord>()]);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("usage-law-");
        try
        {
            StoredArchive? early = seed == 3 ? await ArchiveAsync(Store, folder, "early", Utc(2026, 1, 2)) : null;
            if (early is not null)
                await ArchiveRestore.RunAsync(Store, early, new ArchiveProgress(), Cancel);

            await CorrectAsync(random, all);
            await ExpectTheSameAsync(other.Store, folder);

            StoredArchive mine = (await ArchiveAsync(Store, folder, "mine", Utc(2026, 1, 2, 6)))!;
            StoredArchive theirs = (await ArchiveAsync(other.Store, folder, "theirs", Utc(2026, 1, 2, 6)))!;
            Assert.True(mine.Records > theirs.Records);
            await ExpectTheSameAsync(other.Store, folder);

            await ArchiveRestore.RunAsync(Store, mine, new ArchiveProgress(), Cancel);
            await ArchiveRestore.RunAsync(other.Store, theirs, new ArchiveProgress(), Cancel);
            await ExpectTheSameAsync(other.Store, folder);

            // A repair has nothing to do, and leaves it so.
            Assert.Equal(new SummaryUpdate(0, 0), await Store.UpdateSummaryAsync(UsageFilter.All, TimeRange.Everything, Cancel));
            await ExpectTheSameAsync(other.Store, folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_record_undone_before_it_is_in_the_buckets_never_gets_there_and_one_of_another_program_leaves_them()
    {
        await Store.WriteAsync(Record("api", 5, Utc(2026, 1, 1, 1), "a"));
        await Test.InsertAsync(Record("api", 900, Utc(2026, 1, 1, 1, 1), "a"));
        long wrong = (await ReadAsync())[0].Id;
        Assert.Null(Assert.Single(await UndoAsync(wrong)).Error);
        await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        Assert.Equal("1 5 5 5", await BucketAsync());

        // By hand, past the module.
        string id = await Test.InsertAsync(Record("api", 700, Utc(2026, 1, 1, 1, 2), "a"));
        await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        Assert.Equal("2 705 5 700", await BucketAsync());
        await Test.QueryAsync($"INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at, corrects_id) SELECT customer_id, service_name, '-700', unit_cost, recorded_at, usage_id FROM billing_usage_records WHERE usage_id = {id}");
        await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        Assert.Equal("1 5 5 5", await BucketAsync());
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
    }

    [Fact]
    public async Task An_archive_that_was_begun_before_a_record_was_undone_is_not_completed_and_one_after_it_keeps_it_away()
    {
        await Store.WriteAsync(Record("api", 5, Utc(2026, 1, 1, 1), "a"), Record("api", 900, Utc(2026, 1, 1, 1, 1), "a"));
        StoredRecord wrong = (await ReadAsync())[0];
        await using (IArchiveRun run = await Store.BeginArchiveAsync(new ArchiveScope(UsageFilter.All, Utc(2026, 2, 1), false), Cancel))
        {
            await foreach (IReadOnlyList<ArchivedRecord> page in run.ReadAsync(Cancel))
                Assert.Equal(2, page.Count);

            Assert.Null(Assert.Single(await UndoAsync(wrong.Id)).Error);
            var archive = new StoredArchive
            {
                Id = Guid.NewGuid(),
                Path = "/x",
                CustomerIds = ["a"],
                Records = 2,
                Start = Utc(2026, 1, 1, 1),
                End = Utc(2026, 2, 1),
                Sha256 = "0",
            };
            UsageException error = await Assert.ThrowsAsync<UsageException>(() => run.CompleteAsync(archive, Cancel));
            Assert.Equal("ArchiveOvertaken", error.ErrorId);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("usage-law-");
        try
        {
            Assert.Equal(3, (await ArchiveAsync(Store, folder, "x", Utc(2026, 2, 1)))!.Records);
            Assert.Equal("1 5 5 5", await BucketAsync());
            CorrectionOutcome[] outcomes =
            [
                .. await RecordCorrections.WriteAsync(Store, [Correction(wrong.Id) with { Timestamp = wrong.Timestamp, CustomerId = "a" }], Cancel),
                .. await RecordCorrections.WriteAsync(Store, [Correction(wrong.Id)], Cancel),
                .. await RecordCorrections.WriteAsync(Store, [Correction(wrong.Id) with { Timestamp = Utc(2026, 3, 1) }], Cancel),
                .. await RecordCorrections.WriteAsync(Store, [Correction(wrong.Id) with { CustomerId = "b" }], Cancel),
            ];
            Assert.Equal(["RecordArchived", "RecordArchived", "RecordNotFound", "RecordNotFound"], outcomes.Select(o => o.Error!.ErrorId));
            Assert.Contains("Restore-UsageArchive", outcomes[0].Error!.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static RecordCorrection Correction(long id) => new() { Id = id, By = "me", Reason = "a typo" };

    private static UsageRecord Draw(Random random, int i) => Record(
        random.Next(4) == 0 ? "storage" : "api",
        random.Next(3) == 0 ? Quantity.Read(random.Next(1, 2000) / 7m % 1000) : random.Next(1, 50),
        Utc(2026, 1, 1).AddMinutes(random.Next(12) * 300).AddSeconds(random.Next(3) == 0 ? 60 : random.Next(1200)),
        Customers[random.Next(2)], $$"""{"method":"{{(random.Next(2) == 0 ? "GET" : "POST")}}","n":{{random.Next(4)}}}""",
        random.Next(2) == 0 ? random.Next(1, 100) / 100m : null, random.Next(3) == 0 ? $"k{i}" : null);

    /// <summary>What a record should have been; null for one that should not have been.</summary>
    private static UsageRecord? Mend(Random random, UsageRecord record) => record.Timestamp.Hour is 5 or 20 || record.Quantity > 900 || record.Metadata["n"] is "3"
        ? null
        : random.Next(4) switch
        {
            0 => null,
            1 => record with { Quantity = random.Next(2000), UnitCost = random.Next(2) == 0 ? 0.125m : record.UnitCost },
            _ => record,
        };

    private async Task CorrectAsync(Random random, (UsageRecord Wrong, UsageRecord? Right)[] all)
    {
        List<StoredRecord> stored = await ReadAsync();
        var corrections = new List<RecordCorrection>();
        foreach ((UsageRecord wrong, UsageRecord? right) in all)
        {
            // Of those that say the same any will do.
            StoredRecord mine = stored.First(s => (s.CustomerId, s.Service, s.Timestamp, s.Quantity, s.EventKey) == (wrong.CustomerId, wrong.Service, wrong.Timestamp, wrong.Quantity, wrong.EventKey)
                && s.Metadata.Equals(wrong.Metadata) && s.UnitCost == (wrong.UnitCost ?? (wrong.Service == "api" ? 0.0001m : 0.001m)));
            stored.Remove(mine);
            bool sameCost = right?.UnitCost is null || right.UnitCost == mine.UnitCost;
            bool sameQuantity = right is null || right.Quantity == mine.Quantity;
            if (right is not null && sameCost && sameQuantity)
                continue;

            corrections.Add(new RecordCorrection
            {
                Id = mine.Id,
                Timestamp = random.Next(2) == 0 ? mine.Timestamp : null,
                By = "law",
                Reason = "it is wrong",
                Quantity = sameQuantity ? null : right!.Quantity,
                UnitCost = sameCost ? null : right!.UnitCost,
            });
        }

        Assert.True(corrections.Count(c => c.IsAdjustment) > 10 && corrections.Count(c => !c.IsAdjustment) > 100);
        foreach (RecordCorrection[] chunk in corrections.OrderBy(_ => random.Next()).Chunk(60))
            Assert.All(await Store.CorrectAsync(chunk, Cancel), o => Assert.Null(o.Error));
    }

    private async Task ExpectTheSameAsync(IUsageStore other, DirectoryInfo folder)
    {
        (string Start, string End, string Zone)[] ranges =
        [
            ("2026-01-01", "2026-01-04", "UTC"), ("2026-01-01T05:07:30Z", "2026-01-03T10:02Z", "UTC"), ("2026-01-02", "2026-01-02", "Asia/Kathmandu"),
        ];
        foreach ((string start, string end, string zone) in ranges)
        {
            ReportScope scope = Scopes.Scope(start, end, zone);
            foreach (Func<IUsageStore, Task<object>> report in Reports(scope))
                Assert.Equal(JsonSerializer.Serialize(await report(other)), JsonSerializer.Serialize(await report(Store)));
        }

        foreach (ExportFormat format in (ExportFormat[])[ExportFormat.Csv, ExportFormat.Json])
            Assert.Equal(await ExportAsync(other, format, folder), await ExportAsync(Store, format, folder));

        foreach (IUsageStore store in (IUsageStore[])[Store, other])
        {
            Assert.Empty(await store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
            QueueBalance balance = await store.CompareQueuesAsync(Cancel);
            Assert.Equal(balance.Expected, balance.Records);
        }
    }

    private static IEnumerable<Func<IUsageStore, Task<object>>> Reports(ReportScope scope)
    {
        // What is archived by whole quarter hours is warned of, not read from records: reports on records are compared by those that are left.
        foreach (PeriodKind cut in (PeriodKind[])[PeriodKind.Hourly, PeriodKind.Daily, PeriodKind.Monthly])
        {
            yield return async s => await MeasureReport.ReadAsync(s, scope, cut, [], null, Cancel);
            yield return async s => await PeakReport.ReadAsync(s, scope, cut, 20, Cancel);
        }

        yield return async s => (await MeasureReport.ReadAsync(s, scope, PeriodKind.Daily, ["method"], null, Cancel)).Select(m => (object)new { m, Group = m.Group!.ToString() }).ToArray();
        yield return async s => await MeasureReport.ReadAsync(s, scope, PeriodKind.Daily, [], Customers, Cancel);
        yield return async s => await UsageReport.TotalsAsync(s, scope, Customers, Cancel);
        yield return async s => await UsageReport.DailyAsync(s, scope, Customers, Cancel);
        yield return async s => await TrendReport.ReadAsync(s, scope, Cancel);
        yield return async s => await StatisticReport.ReadAsync(s, scope, Customers, Cancel);
    }

    private static async Task<string[]> ExportAsync(IUsageStore store, ExportFormat format, DirectoryInfo folder)
    {
        string path = Path.Combine(folder.FullName, "export");
        var request = new ExportRequest { Format = format, Filter = UsageFilter.All, Range = TimeRange.Everything, Now = Utc(2026, 2, 1) };
        await RecordExport.WriteAsync(store, request, path, overwrite: true, new ExportProgress(), Cancel);
        // Of records of one time the ids are others, and so is their order.
        return [.. (await File.ReadAllTextAsync(path, Cancel)).Replace("},{", "},\n{", StringComparison.Ordinal).Split('\n').Select(l => l.TrimEnd(',')).Order(StringComparer.Ordinal)];
    }

    private static Task<StoredArchive?> ArchiveAsync(IUsageStore store, DirectoryInfo folder, string name, DateTimeOffset before) => RecordArchive.WriteAsync(
        store, new ArchiveScope(UsageFilter.All, before, IncludeUninvoiced: false), Path.Combine(folder.FullName, name + ".ndjson"), new ArchiveProgress(), Cancel);

    private async Task<List<StoredRecord>> ReadAsync()
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in Store.ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, includeUndone: false, Cancel))
            records.Add(record);

        return records;
    }

    private Task<IReadOnlyList<CorrectionOutcome>> UndoAsync(long id) => Store.CorrectAsync([Correction(id)], Cancel);

    private async Task<string> BucketAsync() => string.Join("; ", (await Store.SumBucketsAsync(UsageFilter.All, [Utc(2026, 1, 1), Utc(2026, 2, 1)], FigureParts.All, Cancel))
        .Select(f => FormattableString.Invariant($"{f.Figures.Events} {f.Figures.Quantity} {f.Figures.Minimum:0.##} {f.Figures.Maximum:0.##}")));
}
