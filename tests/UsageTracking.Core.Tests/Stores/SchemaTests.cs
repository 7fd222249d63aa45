using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;

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
