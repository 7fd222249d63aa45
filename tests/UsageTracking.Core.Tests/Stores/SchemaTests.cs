using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqliteSchemaTests() : SchemaTests(StoreKind.Sqlite);

public sealed class PostgresSchemaTests() : SchemaTests(StoreKind.PostgreSql);

public abstract class SchemaTests(StoreKind kind) : OnTestStore(() => TestStore.CreateEmptyAsync(kind))
{
    [Fact]
    public async Task An_empty_store_says_so_and_plans_its_tables_without_making_them()
    {
        StoreState state = await Test.Store.GetStateAsync(Cancel);
        IReadOnlyList<string> plan = await Test.Store.PlanInitializeAsync(Cancel);

        Assert.False(state.IsInitialized);
        Assert.Equal(0, state.SchemaVersion);
        Assert.Contains(plan, s => s.Contains("billing_usage_records", StringComparison.Ordinal));
        Assert.False((await Test.Store.GetStateAsync(Cancel)).IsInitialized);
        if (!Test.IsPostgres)
            Assert.False(File.Exists(Test.Store.Address.Path));
    }

    [Fact]
    public async Task Initializing_twice_changes_nothing_the_second_time()
    {
        IReadOnlyList<string> plan = await Test.Store.PlanInitializeAsync(Cancel);

        IReadOnlyList<string> first = await Test.Store.InitializeAsync(Cancel);
        StoreState state = await Test.Store.GetStateAsync(Cancel);
        IReadOnlyList<string> second = await Test.Store.InitializeAsync(Cancel);

        Assert.Equal(plan, first);
        Assert.Empty(second);
        Assert.True(state.IsInitialized);
        Assert.Equal(ServiceCatalogue.BinaryGigabyte, state.BytesPerGigabyte);
        Assert.Equal(state, await Test.Store.GetStateAsync(Cancel));
    }

    [Fact]
    public async Task Several_processes_may_initialize_at_once()
    {
        await using IUsageStore other = Test.OpenAgain();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? Test.Store : other).InitializeAsync(Cancel), Cancel)));

        Assert.Equal(6, (await Test.Store.GetCatalogueAsync(Cancel)).Services.Count);
        Assert.Equal("6", await Test.ScalarAsync("SELECT count(*) FROM usage_prices"));
    }

    [Fact]
    public async Task The_catalogue_starts_with_the_six_services_their_units_and_prices()
    {
        await Test.Store.InitializeAsync(Cancel);

        ServiceCatalogue catalogue = await Test.Store.GetCatalogueAsync(Cancel);
        PriceList prices = await Test.Store.GetPricesAsync([], Cancel);

        Assert.Equal(
            ["api requests 0.0001", "storage GB-hours 0.001", "bandwidth GB 0.01", "compute CPU-hours 0.05", "database queries 0.00001", "functions invocations 0.0002"],
            catalogue.Services.Select(s => FormattableString.Invariant($"{s.Name} {s.Unit} {prices.ListPriceAt(s.Name, DateTimeOffset.UtcNow)}")));
    }

    [Fact]
    public async Task A_store_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it()
    {
        if (!Test.IsPostgres)
            await File.WriteAllBytesAsync(Test.Store.Address.Path!, [], Cancel);

        await Test.QueryAsync(new SchemaScripts(Test.IsPostgres ? "Postgres" : "Sqlite").Read(1));
        var spool = Guid.NewGuid();
        var storeId = Guid.NewGuid();
        await Test.QueryAsync($"INSERT INTO usage_settings (name, value) VALUES ('schema_version', '1'), ('store_id', '{storeId}'), ('bytes_per_gigabyte', '1000000000')");
        await Test.QueryAsync("INSERT INTO usage_services (service_name, unit, sort_order) VALUES ('api', 'requests', 1)");
        await Test.QueryAsync("INSERT INTO billing_customers (customer_id, project_name) VALUES ('default', 'p')");
        // Of four records of a spool two were stored; another program wrote one more that is in no bucket yet.
        await Test.QueryAsync($"INSERT INTO usage_spools (spool_id, position, last_from, last_duplicates, last_rejected) VALUES ('{spool}', 4, 0, 1, 1)");
        await Test.InsertAsync(Record("api", 2, Utc(2026, 1, 1)), "true");
        await Test.InsertAsync(Record("api", 3, Utc(2026, 1, 1)), "true");
        await Test.InsertAsync(Record("api", 5, Utc(2026, 1, 1)));
        string time = SqlTime(Utc(2026, 1, 1));
        await Test.QueryAsync($"INSERT INTO usage_buckets VALUES ('default', 'api', '{time}', 0, 2, '5', '0', '2', '3', '{time}', '{time}')");

        IReadOnlyList<string> plan = await Test.Store.PlanInitializeAsync(Cancel);
        IReadOnlyList<string> steps = await Test.Store.InitializeAsync(Cancel);

        string[] expected =
        [
            "count in usage_spools", "index corrections", "add to usage_quotas", "create usage_allowances", "create usage_alerts", "create usage_archives",
            .. Test.IsPostgres ? (string[])["create usage_drop_partition"] : [],
            "add to usage_prices", "create usage_invoices",
        ];
        Assert.Equal(expected, plan.Select(step => expected.FirstOrDefault(e => step.StartsWith(e, StringComparison.Ordinal)) ?? step));
        Assert.Equal(plan, steps);
        Assert.Empty(await Test.Store.InitializeAsync(Cancel));
        Assert.Equal(new StoreState(true, 5, storeId, ServiceCatalogue.DecimalGigabyte), await Test.Store.GetStateAsync(Cancel));
        Assert.Single((await Test.Store.GetCatalogueAsync(Cancel)).Services);
        await ExpectAsync(new QueueBalance(4, 0, 0, 0, -2, 2));

        // The spool goes on where it was.
        await Test.Store.WriteAsync(new UsageChunk(spool, 4, [Record("api", 7, Utc(2026, 1, 1)), Record("nope", 1, Utc(2026, 1, 1))], true), Cancel);
        await ExpectAsync(new QueueBalance(6, 0, 1, 0, -2, 3));
        await Test.Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        await ExpectAsync(new QueueBalance(6, 0, 1, 0, -1, 4));
        Assert.Empty(await Test.Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));

        async Task ExpectAsync(QueueBalance expected)
        {
            Assert.Equal(expected, await Test.Store.CompareQueuesAsync(Cancel));
            Assert.Equal(expected.Records, expected.Expected);
        }
    }

    [Fact]
    public async Task Where_tables_cannot_be_distributed_it_is_said_what_is_missing()
    {
        Assert.SkipWhen(Test.IsPostgres && CitusServer.ConnectionString is not null, "Here they can.");
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Test.Store.PlanInitializeAsync(StoreLayout.Distributed, Cancel));

        Assert.Equal(Test.IsPostgres ? "CitusMissing" : "LayoutNotSupported", error.ErrorId);
        Assert.Equal(error.ErrorId, (await Assert.ThrowsAsync<UsageException>(() => Test.Store.InitializeAsync(StoreLayout.Distributed, null, Cancel))).ErrorId);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        await Test.Store.InitializeAsync(Cancel);
        await Test.QueryAsync("UPDATE usage_settings SET value = '999' WHERE name = 'schema_version'");

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Test.Store.GetStateAsync(Cancel));

        Assert.Equal("StoreTooNew", error.ErrorId);
        Assert.Equal(UsageErrorKind.StoreNotReady, error.Kind);
    }

    [Fact]
    public async Task Questions_to_a_store_without_tables_name_the_cmdlet_that_makes_them()
    {
        if (!Test.IsPostgres)
            await File.WriteAllBytesAsync(Test.Store.Address.Path!, [], Cancel);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Test.Store.GetCatalogueAsync(Cancel));

        Assert.Equal("StoreNotInitialized", error.ErrorId);
        Assert.Contains("Initialize-UsageStore", error.Message, StringComparison.Ordinal);
    }
}
