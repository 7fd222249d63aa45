using System.Globalization;
using UsageTracking.Copies;
using UsageTracking.Metering.Pricing;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Copies;

public sealed class SqliteToPostgresCopyTests() : StoreCopyTests(StoreKind.Sqlite, StoreKind.PostgreSql);

public sealed class PostgresToSqliteCopyTests() : StoreCopyTests(StoreKind.PostgreSql, StoreKind.Sqlite);

public sealed class SqliteToSqliteCopyTests() : StoreCopyTests(StoreKind.Sqlite, StoreKind.Sqlite);

public sealed class PostgresToPostgresCopyTests() : StoreCopyTests(StoreKind.PostgreSql, StoreKind.PostgreSql);

public abstract class StoreCopyTests(StoreKind from, StoreKind to) : IAsyncLifetime
{
    private const int Page = 30;

    private readonly string _folder = Directory.CreateTempSubdirectory("usage-copy-").FullName;

    private TestStore From { get; set; } = null!;

    private TestStore To { get; set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // So that there are many.
        CopyPages.MostRows = Page;
        From = await TestStore.CreateAsync(from);
        To = await TestStore.CreateAsync(to);
        await FullStore.FillAsync(From, _folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (From is not null)
            await From.DisposeAsync();
        if (To is not null)
            await To.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Everything_that_a_store_is_is_in_the_copy_row_by_row()
    {
        CopyPlan plan = await StoreCopy.PlanAsync(From.Store, To.Store, Cancel);
        CopyOutcome outcome = await CopyAsync();

        long records = long.Parse(await From.ScalarAsync("SELECT count(*) FROM billing_usage_records"), CultureInfo.InvariantCulture);
        Assert.Equal((records, 3L, false), (plan.Summary.Records, plan.Summary.Customers, plan.Resumes));
        Assert.Equal((true, records, 3L), (outcome.IsComplete, outcome.Records, outcome.Customers));
        Assert.Equal((Utc(1980, 1, 1), Utc(2026, 5, 1)), (outcome.Start, outcome.End));
        await AssertSameAsync();
    }

    [Fact]
    public async Task Every_table_and_column_is_known()
    {
        // But for the queues' positions: those stay with their store.
        foreach (TestStore store in new[] { From, To })
        {
            IEnumerable<string> known = CopyTables.All.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name}"));
            IEnumerable<string> there = (await StoreDump.ColumnsAsync(store)).Where(c => c.Table != "usage_spools").Select(c => $"{c.Table}.{c.Name}");
            Assert.Equal(there.Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_figures_and_the_balance_of_the_copy_are_those_of_the_store()
    {
        await From.Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        await CopyAsync();

        DateTimeOffset[] bounds = [Utc(1980, 1, 1), .. Enumerable.Range(1, 6).Select(m => Utc(2026, m, 1))];
        Assert.Equal(
            (await From.Store.SumBucketsAsync(UsageFilter.All, bounds, FigureParts.All, Cancel)).OrderBy(f => f.ToString(), StringComparer.Ordinal),
            (await To.Store.SumBucketsAsync(UsageFilter.All, bounds, FigureParts.All, Cancel)).OrderBy(f => f.ToString(), StringComparer.Ordinal));
        Assert.Empty(await To.Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await To.Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
        Assert.True(balance.Records > 300);
        Assert.Equal(5, Assert.Single(await To.Store.GetInvoicesAsync(null, Cancel)).Number);
    }

    [Fact]
    public async Task The_copy_goes_on_like_the_store_with_numbers_of_its_own()
    {
        await From.QueryAsync("DELETE FROM billing_usage_records WHERE usage_id = (SELECT max(usage_id) FROM billing_usage_records)");
        long last = long.Parse(await From.ScalarAsync("SELECT max(usage_id) FROM billing_usage_records"), CultureInfo.InvariantCulture);
        await CopyAsync();

        await To.Store.WriteAsync(Record("api", 1, Utc(2026, 4, 1), "acme"), Record("nosuch", 1, Utc(2026, 4, 1), "acme"), Record("api", 9, Utc(2026, 4, 1), "beta", key: "key\t9"));
        await To.Store.AddAllowanceAsync(new Allowance("acme", "api", Utc(2026, 1, 6), 1, null), Cancel);
        await To.Store.SetPriceAsync(new Price("api", null, null, new DateOnly(2026, 9, 1), 0.1m), Cancel);

        // One deleted number is not given again either.
        Assert.Equal("1", await To.ScalarAsync($"SELECT count(*) FROM billing_usage_records WHERE usage_id > {last + 1}"));
        Assert.Equal("2", await To.ScalarAsync("SELECT count(DISTINCT rejected_id) FROM usage_rejected_records WHERE error_id = 'UnknownService'"));
        Assert.Equal("2", await To.ScalarAsync("SELECT count(DISTINCT allowance_id) FROM usage_allowances"));
        QueueBalance balance = await To.Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }

    [Fact]
    public async Task A_copy_that_is_cut_off_anywhere_is_gone_on_with_and_refused_to_others_meanwhile()
    {
        var random = new Random(11);
        var reached = new HashSet<string>();
        for (int i = 0; i < 16; i++)
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            (int pages, int last) = (0, 1 + random.Next(6));
            IUsageStore cutOff = Interfering.Of(To.Store, nameof(IUsageStore.OpenCopyTargetAsync), () =>
            {
                if (++pages == last)
                    cut.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StoreCopy.RunAsync(From.Store, cutOff, new CopyProgress(), cut.Token));
            reached.Add(await To.ScalarAsync("SELECT value FROM usage_settings WHERE name = 'copy.position'"));

            // What is stored meanwhile on the one side is in the end; on the other side nothing is stored.
            await From.Store.WriteAsync(Record("api", i, Utc(2026, 1 + (i % 4), 5), i % 2 == 0 ? "acme" : $"new {i}"));
            Assert.Equal("CopyUnfinished", (await Assert.ThrowsAsync<UsageException>(() => To.Store.WriteAsync(Record("api", 1, Utc(2026, 1, 1))))).ErrorId);
            Assert.Equal("CopyUnfinished", (await Assert.ThrowsAsync<UsageException>(() => To.Store.GetSpoolPositionAsync(Guid.NewGuid(), Cancel))).ErrorId);
        }

        Assert.InRange(reached.Count, 8, 16);
        Assert.True((await CopyAsync()).IsComplete);
        await AssertSameAsync();
    }

    [Fact]
    public async Task A_process_that_copies_may_be_killed()
    {
        string source = From.IsPostgres ? From.ConnectionString : From.Store.Address.Path!;
        string target = To.IsPostgres ? To.ConnectionString : To.Store.Address.Path!;
        foreach ((string step, int nth) in new[] { ("copy commit", 1), ("copy commit", 4), ("copy commit done", 6), ("copy commit", 9) })
        {
            using CrashHost host = CrashHost.Start(source, _folder, "r", "do=copy", $"to={target}", $"page={Page}", $"step={step}", $"nth={nth}");
            host.WaitForEnd();
            Assert.True(host.WasKilled, string.Join('\n', host.Heard));
        }

        Assert.NotNull((await To.Store.GetStateAsync(Cancel)).CopyFrom);
        Assert.True((await StoreCopy.PlanAsync(From.Store, To.Store, Cancel)).Resumes);
        Assert.True((await CopyAsync()).IsComplete);
        await AssertSameAsync();
    }

    [Fact]
    public async Task What_is_stored_while_it_is_copied_is_copied_too()
    {
        int written = 0;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task writer = Task.Run(
            async () =>
            {
                for (; written < 40 && !enough.IsCancellationRequested; written++)
                    await From.Store.WriteAsync(Record("api", written, Utc(2026, 1 + (written % 4), 5), $"new {written % 3}", key: $"w{written}"));
            },
            Cancel);
        CopyOutcome outcome = await CopyAsync();
        await enough.CancelAsync();
        await writer;

        // Whatever came after its last look is left: then it is for whoever goes on writing there.
        Assert.True(outcome.IsComplete || outcome.Mismatches.Count == 0);
        if (!outcome.IsComplete)
        {
            Assert.Equal("SourceChanging", outcome.Error(From.Store.Address, To.Store.Address)!.ErrorId);
            Assert.True((await CopyAsync()).IsComplete);
            await AssertSameAsync();
        }

        Assert.Empty((await StoreDump.ReadAsync(To))["billing_usage_records"].Except((await StoreDump.ReadAsync(From))["billing_usage_records"]));
    }

    [Fact]
    public async Task What_somebody_else_changes_in_the_copy_is_found_and_said()
    {
        // First it is looked at whether it is empty, then it is compared.
        int looks = 0;
        IUsageStore tampered = Interfering.Of(To.Store, nameof(IUsageStore.OpenCopySourceAsync), () =>
        {
            if (++looks == 2)
                Task.Run(() => To.QueryAsync("UPDATE billing_usage_records SET quantity = '1.5' WHERE usage_id = 7")).GetAwaiter().GetResult();
        });

        CopyOutcome outcome = await StoreCopy.RunAsync(From.Store, tampered, new CopyProgress(), Cancel);

        Assert.False(outcome.IsComplete);
        Assert.Contains("billing_usage_records of 'acme', api, 2026-03: ", Assert.Single(outcome.Mismatches), StringComparison.Ordinal);
        UsageException error = outcome.Error(From.Store.Address, To.Store.Address)!;
        Assert.Equal("CopyMismatch", error.ErrorId);
        Assert.NotNull((await To.Store.GetStateAsync(Cancel)).CopyFrom);

        Assert.True((await CopyAsync()).IsComplete);
        await AssertSameAsync();
    }

    [Fact]
    public async Task Only_an_empty_store_becomes_a_copy_and_only_of_another_one()
    {
        await using IUsageStore again = From.OpenAgain();
        Assert.Equal("CopyToItself", await ErrorOfAsync(From.Store, again));
        await CopyAsync();
        Assert.Equal("StoreNotEmpty", await ErrorOfAsync(From.Store, To.Store));

        await using TestStore third = await TestStore.CreateAsync(StoreKind.Sqlite);
        Assert.Equal("CopyToItself", await ErrorOfAsync(third.Store, third.Store));
        await third.QueryAsync($"INSERT INTO usage_settings (name, value) VALUES ('copy.from', '{Guid.NewGuid()}')");
        Assert.Equal("CopyOfOther", await ErrorOfAsync(From.Store, third.Store));
        Assert.Equal("CopyUnfinished", await ErrorOfAsync(third.Store, To.Store));

        await using TestStore none = await TestStore.CreateEmptyAsync(to);
        Assert.Equal("StoreNotInitialized", await ErrorOfAsync(none.Store, To.Store));
        if (to == StoreKind.PostgreSql)
            Assert.Equal("StoreNotInitialized", await ErrorOfAsync(From.Store, none.Store));
        else
            Assert.True((await StoreCopy.RunAsync(From.Store, none.Store, new CopyProgress(), Cancel)).IsComplete);
    }

    [Fact]
    public async Task Two_copies_at_once_do_not_double_anything()
    {
        await using IUsageStore other = To.OpenAgain();
        Task<CopyOutcome>[] both = [CopyAsync(), Task.Run(() => StoreCopy.RunAsync(From.Store, other, new CopyProgress(), Cancel), Cancel)];
        await Task.WhenAny(Task.WhenAll(both));
        Assert.All(both.Where(c => c.IsFaulted), c => Assert.IsType<UsageException>(c.Exception!.InnerException));
        if ((await To.Store.GetStateAsync(Cancel)).CopyFrom is not null)
            Assert.True((await CopyAsync()).IsComplete);
        await AssertSameAsync();
    }

    private Task<CopyOutcome> CopyAsync() => StoreCopy.RunAsync(From.Store, To.Store, new CopyProgress(), Cancel);

    private static async Task<string> ErrorOfAsync(IUsageStore from, IUsageStore to) =>
        (await Assert.ThrowsAsync<UsageException>(() => StoreCopy.RunAsync(from, to, new CopyProgress(), Cancel))).ErrorId;

    private async Task AssertSameAsync()
    {
        SortedDictionary<string, List<string>> source = await StoreDump.ReadAsync(From);
        SortedDictionary<string, List<string>> target = await StoreDump.ReadAsync(To);
        Assert.Equal(source.Keys, target.Keys);
        Assert.True(source.Keys.Count >= 19);
        foreach (string table in source.Keys)
        {
            Assert.NotEmpty(source[table]);
            Assert.Equal(source[table], target[table]);
        }
    }
}
