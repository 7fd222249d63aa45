using UsageTracking.Metering;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class SqliteReadingRecorderTests() : ReadingRecorderTests(StoreKind.Sqlite);

public sealed class PostgresReadingRecorderTests() : ReadingRecorderTests(StoreKind.PostgreSql);

public abstract class ReadingRecorderTests(StoreKind kind) : OnReadings(kind)
{
    [Fact]
    public async Task Usage_is_recorded_once_at_the_later_reading_with_price_meter_and_reading()
    {
        await Test.QueryAsync("INSERT INTO usage_prices (service_name, customer_id, plan_name, in_force_from, unit_cost) VALUES ('bandwidth', NULL, NULL, '2026-06-02', '0.5')");

        Assert.Equal(["Opening 3.5"], await RecordAsync(Left("1 05:30", 96.5m)));
        Assert.Equal(["Usage 0.25"], await RecordAsync(Left("2 05:30", 96.25m)));
        Assert.Equal(["Usage 0"], await RecordAsync(Left("2 11:30", 96.25m)));

        StoredRecord[] records = [.. (await ReadAllAsync()).OrderBy(r => r.Timestamp)];
        Assert.Equal([(At("1 05:30"), 3.5m, 0.01m), (At("2 05:30"), 0.25m, 0.5m)], records.Select(r => (r.Timestamp, r.Quantity, r.UnitCost)));
        Assert.Equal(Metadata.Parse("""{"meter":"a","reading":96.5}"""), records[0].Metadata);
        Assert.All(records, r => Assert.Equal(("c", "bandwidth", null), (r.CustomerId, r.Service, r.CorrectsId)));
        Assert.Equal(["c"], (await Store.GetCustomersAsync(Cancel)).Select(c => c.CustomerId));
        await AssertAgreesAsync(expectedRecords: 2);
    }

    [Fact]
    public async Task A_repeated_reading_changes_nothing()
    {
        await RecordAsync(Left("1", 90));
        await RecordAsync(Left("2", 80));
        string[] before = await EverythingAsync();

        Assert.Equal(["Repeated 10"], await RecordAsync(Left("2", 80.0m)));
        Assert.Equal(["Repeated 10", "Repeated 10"], await RecordAsync(Left("1", 90), Left("2", 80)));

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task A_reading_within_one_batch_may_be_there_twice()
    {
        Assert.Equal(["Opening 10", "Repeated 10"], await RecordAsync(Left("1", 90), Left("1", 90)));
        Assert.Single(await ReadAllAsync());
    }

    [Fact]
    public async Task A_rise_is_kept_as_an_allowance_and_may_be_refused()
    {
        await RecordAsync(Left("1", 90), Left("1", 5, "b"));
        await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("2", 80), Left("2", 7, "b")));
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("3", 7, "b")));
        Assert.Equal((UsageErrorKind.Conflict, "AllowanceRefused"), (error.Kind, error.ErrorId));
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM usage_readings"));
        Assert.Empty(await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel));

        Assert.Equal(["Usage 10", "Allowance 0 +2"], await RecordAsync(Left("2", 80), Left("2", 7, "b")));
        // What is there is not refused afterwards.
        Assert.Equal(["Usage 1"], await RecordAsync(refuses: true, Left("3", 79)));

        ReadingAllowance allowance = Assert.Single(await Store.GetReadingAllowancesAsync(UsageFilter.All, Cancel));
        Assert.Equal(new ReadingAllowance("c", "bandwidth", At("2"), 2m), allowance);
        Assert.Single(await Store.GetReadingAllowancesAsync(new UsageFilter(["c", "d"], ["bandwidth"]), Cancel));
        Assert.Empty(await Store.GetReadingAllowancesAsync(new UsageFilter(["d"], null), Cancel));
        Assert.Empty(await Store.GetReadingAllowancesAsync(new UsageFilter(null, ["api"]), Cancel));
    }

    [Fact]
    public async Task A_late_reading_may_not_make_a_rise_either_where_allowances_are_refused()
    {
        await RecordAsync(Left("1", 90), Left("3", 80));

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordAsync(refuses: true, Left("2", 70)));

        Assert.Equal("AllowanceRefused", error.ErrorId);
        Assert.Contains("from 70 to 80 GB at 2026-06-03", error.Message, StringComparison.Ordinal);
        Assert.Equal([(At("1"), 10m), (At("3"), 10m)], await NetAsync());
    }

    [Fact]
    public async Task Contradictions_are_errors_and_leave_nothing_behind()
    {
        await RecordAsync(Left("1", 90), Total("1", 500, "router"));
        string[] before = await EverythingAsync();

        foreach ((StoredReading reading, UsageErrorKind kind, string id) in new[]
        {
            (Left("1", 91), UsageErrorKind.Conflict, "ReadingConflict"),
            (Total("2", 90), UsageErrorKind.InvalidInput, "MeterKindMismatch"),
            (Left("2", 90, "Router"), UsageErrorKind.InvalidInput, "MeterKindMismatch"),
            (Left("5-31", 90), UsageErrorKind.NotFound, "QuotaNotFound"),
        })
        {
            UsageException error = await Assert.ThrowsAsync<UsageException>(
                () => RecordAsync(refuses: false, new TestLimits(Store, 100) { From = At("1") }, Left("2", 80, "x"), reading));
            Assert.Equal((kind, id), (error.Kind, error.ErrorId));
        }

        Assert.Equal(before, await EverythingAsync());
    }

    [Fact]
    public async Task A_meter_is_found_in_any_case() => Assert.Equal(
        ["Opening 10", "Usage 1", "Usage 2"],
        [.. await RecordAsync(Left("1", 90, "Line")), .. await RecordAsync(Left("2", 89, "LINE")), .. await RecordAsync(Left("3", 87, "line"))]);

    [Fact]
    public async Task Customers_are_created_only_where_that_is_wanted()
    {
        ReadingRecorder recorder = new(Store, await Store.GetCatalogueAsync(Cancel), new TestLimits(Store, 100)) { AutoCreateCustomer = false };

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => recorder.RecordAsync([Reading(Left("1", 90))], Cancel));
        Assert.Equal((UsageErrorKind.NotFound, "UnknownCustomer"), (error.Kind, error.ErrorId));
        Assert.Equal("0", await Test.ScalarAsync("SELECT (SELECT count(*) FROM usage_readings) + (SELECT count(*) FROM usage_meters)"));

        await Store.SetCustomerAsync(new CustomerChange("c"), Cancel);
        await recorder.RecordAsync([Reading(Left("1", 90))], Cancel);
        Assert.Single(await ReadAllAsync());
    }

    [Fact]
    public async Task Months_long_gone_have_their_place()
    {
        await RecordAsync(new StoredReading("a", ReadingKind.Total, Records.Utc(2015, 3, 1), 7), new StoredReading("a", ReadingKind.Total, Records.Utc(2015, 4, 1), 9));

        Assert.Equal(2m, Assert.Single(await ReadAllAsync()).Quantity);
        await AssertAgreesAsync(expectedRecords: 1);
    }

    [Fact]
    public async Task A_removed_customer_takes_its_meters_along()
    {
        await RecordAsync(Left("1", 90));
        await Test.QueryAsync("INSERT INTO usage_allowances (customer_id, service_name, amount, in_force_at) VALUES ('c', 'bandwidth', '1', '2026-06-01 00:00:00Z')");
        await Store.RemoveCustomerAsync("c", Cancel);

        Assert.Equal("0", await Test.ScalarAsync(
            "SELECT (SELECT count(*) FROM usage_readings) + (SELECT count(*) FROM usage_meters) + (SELECT count(*) FROM usage_allowances)"));
        Assert.Equal(["Opening 10"], await RecordAsync(Left("1", 90)));
        await AssertAgreesAsync(expectedRecords: 1);
    }
}
