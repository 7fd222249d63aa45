using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteCorrectionTests() : CorrectionTests(StoreKind.Sqlite);

public sealed class PostgresCorrectionTests() : CorrectionTests(StoreKind.PostgreSql);

public abstract class CorrectionTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly DateTimeOffset Noon = Utc(2026, 1, 15, 12);

    [Fact]
    public async Task A_record_is_taken_back_by_its_negative_and_nothing_else_changes()
    {
        await Store.WriteAsync(
            Record("api", 5, Noon, "a", """{"k":1}""", unitCost: 2, key: "x"), Record("api", 900, Noon.AddSeconds(1), "a", """{"k":2}""", unitCost: 3));
        StoredRecord wrong = (await ReadAsync(false))[0];
        string before = await ScalarAsync($"SELECT count(*) FROM billing_usage_records WHERE usage_id = {wrong.Id} AND quantity = '900' AND corrects_id IS NULL");

        StoredRecord added = Single(await UndoAsync(wrong)).Record!;

        Assert.Equal("1", before);
        Assert.Equal((-900m, 3m, wrong.Timestamp, wrong.Id, "me", "a typo", null), (added.Quantity, added.UnitCost, added.Timestamp, added.CorrectsId, added.CorrectedBy, added.CorrectionReason, added.EventKey));
        Assert.Equal(wrong.Metadata, added.Metadata);
        StoredRecord[] history = [.. await ReadAsync(true)];
        Assert.Equal([added with { IsUndone = false }, wrong with { IsUndone = true }, history[2] with { IsUndone = false }], history);
        Assert.Equal([5m], (await ReadAsync(false)).Select(r => r.Quantity));
        Figures figures = await FiguresAsync();
        Assert.Equal(new Figures(1, 5, 10, 5, 5), figures);
        await ExpectAgreementAsync();
    }

    [Fact]
    public async Task What_cannot_be_undone_says_so_and_the_rest_goes_on()
    {
        await Store.WriteAsync(Record("api", 1, Noon, "a"), Record("api", 2, Noon.AddMinutes(1), "a"), Record("api", 3, Noon.AddMinutes(2), "b"));
        List<StoredRecord> records = await ReadAsync(false);
        long correction = Single(await UndoAsync(records[2])).Record!.Id;

        IReadOnlyList<CorrectionOutcome> outcomes = await Store.CorrectAsync(
        [
            Undo(records[2]), Undo(records[1]), Undo(records[1]), new RecordCorrection { Id = correction, By = "me", Reason = "no" },
            new RecordCorrection { Id = 1_000_000, By = "me", Reason = "no" }, Undo(records[0]) with { CustomerId = "a" },
            Undo(records[0]) with { Timestamp = Noon }, new RecordCorrection { Id = records[0].Id, By = "me", Reason = "by id alone" },
            Undo(records[0]) with { Quantity = 3 },
        ], Cancel);

        Assert.Equal(
            ["AlreadyUndone", "done", "AlreadyUndone", "RecordIsCorrection", "RecordNotFound", "RecordNotFound", "RecordNotFound", "done", "AlreadyUndone"],
            outcomes.Select(o => o.Error?.ErrorId ?? "done"));
        Assert.Empty(await ReadAsync(false));
        Assert.Equal("6", await ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        Assert.Equal(Figures.None, await FiguresAsync());
        await ExpectAgreementAsync();
    }

    [Fact]
    public async Task Of_many_who_undo_the_same_records_each_is_undone_once()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 60).Select(i => Record("api", i + 1, Noon.AddMinutes(i), "c" + (i % 3)))]);
        List<StoredRecord> records = await ReadAsync(false);
        var random = new Random(1);
        IUsageStore[] others = [.. Enumerable.Range(0, 4).Select(_ => Test.OpenAgain())];
        try
        {
            RecordCorrection[][] shuffled = [.. others.Select(_ => records.OrderBy(_ => random.Next()).Select(Undo).ToArray())];
            IReadOnlyList<CorrectionOutcome>[] all = await Task.WhenAll(others.SelectMany((o, i) => shuffled[i].Chunk(15).Select(c => o.CorrectAsync(c, Cancel))));
            CorrectionOutcome[] outcomes = [.. all.SelectMany(o => o)];
            Assert.Equal(60, outcomes.Count(o => o.Error is null));
            Assert.All(outcomes.Where(o => o.Error is not null), o => Assert.Equal("AlreadyUndone", o.Error!.ErrorId));
        }
        finally
        {
            foreach (IUsageStore other in others)
                await other.DisposeAsync();
        }

        Assert.Equal("120", await ScalarAsync("SELECT count(*) FROM billing_usage_records"));
        await ExpectAgreementAsync();
    }

    [Fact]
    public async Task An_event_key_is_free_once_its_record_is_undone_and_moves_with_an_adjustment()
    {
        UsageRecord first = Record("api", 5, Noon, "a", """{"b":1,"a":[1.50]}""", key: "order 1");
        await Store.WriteAsync(first, first with { EventKey = "order 2" });
        List<StoredRecord> records = await ReadAsync(false);
        StoredRecord one = records.Single(r => r.EventKey == "order 1");
        StoredRecord two = records.Single(r => r.EventKey == "order 2");

        Single(await UndoAsync(one));
        StoredRecord right = Single(await Store.CorrectAsync([Undo(two) with { Quantity = 7, UnitCost = 0.5m }], Cancel)).Record!;

        Assert.Equal((7m, 0.5m, "order 2", null, two.Timestamp, "me", $"instead of record {two.Id}: a typo"),
            (right.Quantity, right.UnitCost, right.EventKey, right.CorrectsId, right.Timestamp, right.CorrectedBy, right.CorrectionReason));
        Assert.Equal(two.Metadata, right.Metadata);
        // The same key again: a new record, a duplicate of what is right, and a conflict with what was wrong.
        Assert.Equal(new ChunkOutcome(1, 1, 0), await Store.WriteAsync(
            first with { Quantity = 6 }, first with { EventKey = "order 2", Quantity = 7, UnitCost = 0.5m }));
        Assert.Equal(new ChunkOutcome(0, 0, 1), await Store.WriteAsync(first with { EventKey = "order 2" }));
    }

    private static CorrectionOutcome Single(IReadOnlyList<CorrectionOutcome> outcomes)
    {
        CorrectionOutcome outcome = Assert.Single(outcomes);
        Assert.Null(outcome.Error);
        return outcome;
    }

    private static RecordCorrection Undo(StoredRecord record) =>
        new() { Id = record.Id, Timestamp = record.Timestamp, CustomerId = record.CustomerId, By = "me", Reason = "a typo" };

    private Task<IReadOnlyList<CorrectionOutcome>> UndoAsync(params StoredRecord[] records) => Store.CorrectAsync([.. records.Select(Undo)], Cancel);

    private async Task<List<StoredRecord>> ReadAsync(bool includeUndone, IUsageStore? store = null)
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in (store ?? Store).ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, includeUndone, Cancel))
            records.Add(record);

        return records;
    }

    private Task<string> ScalarAsync(string sql) => Test.ScalarAsync(sql);

    private async Task<Figures> FiguresAsync(string service = "api")
    {
        var reader = new FiguresReader(Store) { Parts = FigureParts.All };
        var range = new TimeRange(Utc(2026, 1, 1), Utc(2026, 2, 1));
        return (await reader.ReadAsync(new UsageFilter(null, [service]), range, [new Period(range.Start, range.End)], Cancel))
            .Aggregate(Figures.None, (all, f) => all + f.Figures);
    }

    private async Task ExpectAgreementAsync(IUsageStore? store = null)
    {
        Assert.Empty(await (store ?? Store).CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await (store ?? Store).CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }
}
