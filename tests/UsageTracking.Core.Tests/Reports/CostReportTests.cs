using Npgsql;
using UsageTracking.Files.Archives;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteCostReportTests() : CostReportTests(StoreKind.Sqlite);

public sealed class PostgresCostReportTests() : CostReportTests(StoreKind.PostgreSql)
{
    [Fact]
    public async Task What_was_received_before_an_invoice_but_committed_after_it_is_late()
    {
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 2)));
        await using var connection = new NpgsqlConnection(Test.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(Cancel);
        await using (var insert = new NpgsqlCommand(
            "INSERT INTO billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at, aggregated) VALUES ('default', 'bandwidth', 2, 0.01, '2026-01-03Z', true)",
            connection, transaction))
        {
            await insert.ExecuteNonQueryAsync(Cancel);
        }

        UsageInvoice invoice = (await SaveAsync(January))!;
        await transaction.CommitAsync(Cancel);

        Assert.Equal(0.01m, invoice.Total);
        Assert.Equal("t", await Test.ScalarAsync("SELECT CASE WHEN received_at < saved_at THEN 't' END FROM billing_usage_records, usage_invoices WHERE quantity = 2"));
        Assert.Equal("default bandwidth Late 2 x 0.01 = 0.02 from 01-01 to 02-01: GB", (await LinesAsync(January))[^1]);
        Assert.Equal(0.02m, (await SaveAsync(January))!.Total);
    }
}

/// <remarks>All amounts are worked out by hand. API requests cost 0.0001, bandwidth 0.01 where nothing else is set.</remarks>
public abstract class CostReportTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    protected static readonly ReportScope January = Scope("2026-01", "2026-01");
    private static readonly ReportScope February = Scope("2026-02", "2026-02");

    [Fact]
    public async Task A_change_of_price_makes_a_line_of_its_own_and_so_does_an_own_unit_cost()
    {
        await SetAsync("api", 0.0002m, from: "2026-01-16");
        await Store.WriteAsync(
            Record("api", 1000, Utc(2026, 1, 1)), Record("api", 10, Utc(2026, 1, 15, 23, 59, 59)), Record("api", 2000, Utc(2026, 1, 16)),
            Record("api", 5, Utc(2026, 1, 20), unitCost: 3), Record("api", 7, Utc(2026, 1, 2), unitCost: 3), Record("api", 1, Utc(2026, 1, 2), unitCost: 0.5m),
            Record("bandwidth", 2.5m, Utc(2026, 1, 31, 23, 59, 59)), Record("api", 9, Utc(2026, 2, 1)), Record("api", 9, Utc(2025, 12, 31, 23, 59, 59)));

        Assert.Equal(
            [
                "default api Usage 1010 x 0.0001 = 0.101 from 01-01 to 01-16: requests",
                "default api Usage 1 x 0.5 = 0.5 from 01-01 to 02-01: requests, priced as recorded",
                "default api Usage 12 x 3 = 36 from 01-01 to 02-01: requests, priced as recorded",
                "default api Usage 2000 x 0.0002 = 0.4 from 01-16 to 02-01: requests",
                "default bandwidth Usage 2.5 x 0.01 = 0.025 from 01-01 to 02-01: GB",
            ],
            await LinesAsync(January));
    }

    [Fact]
    public async Task Flat_lines_add_up_to_just_what_the_usage_report_says()
    {
        await SetAsync("api", 0.0000000003m, from: "2026-01-10");
        await SetAsync("bandwidth", 0.0123456789m, customer: "b");
        var random = new Random(5);
        var records = new List<UsageRecord>();
        for (int i = 0; i < 400; i++)
        {
            // So many decimals that every line has to be rounded.
            decimal quantity = Math.Round((decimal)random.NextDouble() * 100, 18);
            records.Add(Record(
                i % 2 == 0 ? "api" : "bandwidth", quantity, Utc(2026, 1, 1).AddMinutes(random.Next(31 * 24 * 60)), i % 3 == 0 ? "a" : "b",
                unitCost: i % 5 == 0 ? 0.0000000007m * (i % 4) : null));
        }

        await Store.WriteAsync([.. records]);

        IReadOnlyList<UsageCost> lines = await CostReport.ReadAsync(Store, January, Cancel);
        foreach (ServiceUsage usage in await UsageReport.TotalsAsync(Store, January, ["a", "b"], Cancel))
        {
            List<UsageCost> own = [.. lines.Where(l => l.CustomerId == usage.CustomerId && l.Service == usage.Service)];
            Assert.Equal(usage.Cost, own.Sum(l => l.Amount));
            Assert.Equal(usage.Quantity, own.Aggregate(ExactDecimal.Zero, (sum, l) => sum + l.Quantity).ToReported(), 10);
        }

        Assert.True(lines.Count > 12);
    }

    [Fact]
    public async Task The_customers_price_goes_before_the_plans_and_that_before_the_lists_in_lines_as_in_stamps()
    {
        await SubscribeAsync("planned", "pro");
        await SubscribeAsync("own", "pro");
        await SetAsync("api", 1);
        await SetAsync("api", 0.5m, plan: "pro");
        await SetAsync("api", 0.25m, customer: "own");
        await Store.WriteAsync(Record("api", 8, Utc(2026, 1, 2), "anybody"), Record("api", 8, Utc(2026, 1, 2), "planned"), Record("api", 8, Utc(2026, 1, 2), "own"));

        Assert.Equal(
            ["anybody 8 x 1 = 8", "own 8 x 0.25 = 2", "planned 8 x 0.5 = 4"],
            (await CostReport.ReadAsync(Store, January, Cancel)).Select(l => FormattableString.Invariant($"{l.CustomerId} {l.Quantity} x {l.UnitCost} = {l.Amount}")));
        Assert.Equal("2", await Test.ScalarAsync($"SELECT count(*) FROM billing_usage_records WHERE unit_cost IN ({(Test.IsPostgres ? "0.5, 0.25" : "'0.5', '0.25'")})"));
    }

    [Fact]
    public async Task Tiers_are_counted_over_the_range_and_packages_too()
    {
        await SetTiersAsync("api", PriceModel.Graduated, "1000:0.01;5000:0.008+2;*:0.005");
        await SetTiersAsync("database", PriceModel.Volume, "100:1;*:0.5");
        await SetPackageAsync("functions", 5, 1000);
        await Store.WriteAsync(
            Record("api", 600, Utc(2026, 1, 1)), Record("api", 400, Utc(2026, 1, 2)), Record("api", 5000, Utc(2026, 1, 3)),
            Record("database", 100.5m, Utc(2026, 1, 3)), Record("functions", 1000, Utc(2026, 1, 4)), Record("functions", 1, Utc(2026, 1, 5)));

        Assert.Equal(
            [
                "default api Usage 1000 x 0.01 = 10 from 01-01 to 02-01: requests, up to 1000",
                // 4000 x 0.008 and 2 for reaching the tier.
                "default api Usage 4000 x 0.008 = 34 from 01-01 to 02-01: requests, above 1000 up to 5000",
                "default api Usage 1000 x 0.005 = 5 from 01-01 to 02-01: requests, above 5000",
                "default database Usage 100.5 x 0.5 = 50.25 from 01-01 to 02-01: queries, volume above 100",
                "default functions Usage 1001 x 5 = 10 from 01-01 to 02-01: 2 packages of 1000 invocations",
            ],
            await LinesAsync(January));
        // The stamps are those of the first unit, and of a package its part.
        Assert.Equal("0.01 0.01 0.01 1 0.005 0.005", string.Join(' ', (await Test.QueryAsync("SELECT unit_cost FROM billing_usage_records ORDER BY usage_id")).Select(r => r[0])));
    }

    [Fact]
    public async Task A_price_that_replaces_another_leaves_what_was_stored_before_as_it_was()
    {
        await SetTiersAsync("api", PriceModel.Graduated, "10:1;*:0.5");
        await Store.WriteAsync(Record("api", 15, Utc(2026, 1, 2)));
        // In SQLite times of receipt are whole milliseconds.
        await Task.Delay(20, Cancel);
        await SetTiersAsync("api", PriceModel.Graduated, "10:1;*:0.1");
        await Task.Delay(20, Cancel);
        await Store.WriteAsync(Record("api", 20, Utc(2026, 1, 3)));

        Assert.Equal(
            [
                "default api Usage 10 x 1 = 10 from 01-01 to 02-01: requests, up to 10",
                "default api Usage 5 x 0.5 = 2.5 from 01-01 to 02-01: requests, above 10",
                "default api Usage 10 x 1 = 10 from 01-01 to 02-01: requests, up to 10",
                "default api Usage 10 x 0.1 = 1 from 01-01 to 02-01: requests, above 10",
            ],
            await LinesAsync(January));
        await Store.RemovePriceAsync((await Store.ListPricesAsync(Cancel)).Single(p => p.Model == PriceModel.Graduated).Id, Cancel);
        Assert.Equal(4, (await LinesAsync(January)).Count);
    }

    [Fact]
    public async Task What_comes_late_is_a_line_of_its_own_and_goes_on_where_the_invoice_ended()
    {
        await SetTiersAsync("api", PriceModel.Graduated, "1000:0.01;*:0.005");
        await SetPackageAsync("functions", 5, 1000);
        await Store.WriteAsync(Record("api", 900, Utc(2026, 1, 2)), Record("bandwidth", 1, Utc(2026, 1, 2)), Record("functions", 500, Utc(2026, 1, 2)));
        UsageInvoice first = (await SaveAsync(January))!;
        Assert.Equal(("usage-1", 14.01m), (first.InvoiceId, first.Total));
        Assert.Null(await SaveAsync(January));

        await Store.WriteAsync(Record("api", 300, Utc(2026, 1, 3)), Record("functions", 501, Utc(2026, 1, 3)), Record("api", 50, Utc(2026, 2, 3)));

        string[] late =
        [
            "default api Late 100 x 0.01 = 1 from 01-01 to 02-01: requests, up to 1000",
            "default api Late 200 x 0.005 = 1 from 01-01 to 02-01: requests, above 1000",
            "default functions Late 501 x 5 = 5 from 01-01 to 02-01: 1 package of 1000 invocations",
        ];
        Assert.Equal(
            [
                "default api Usage 900 x 0.01 = 9 from 01-01 to 02-01: requests, up to 1000 (usage-1)",
                "default bandwidth Usage 1 x 0.01 = 0.01 from 01-01 to 02-01: GB (usage-1)",
                "default functions Usage 500 x 5 = 5 from 01-01 to 02-01: 1 package of 1000 invocations (usage-1)",
                .. late,
            ],
            await LinesAsync(January));
        // The invoice that follows has them too, if this one was not saved again.
        Assert.Equal(
            ["default api Usage 50 x 0.01 = 0.5 from 02-01 to 03-01: requests, up to 1000", .. late], await LinesAsync(February));

        UsageInvoice second = (await SaveAsync(January))!;
        Assert.Equal(("usage-2", 7m, 3), (second.InvoiceId, second.Total, second.Lines.Length));
        Assert.Equal(["default api Usage 50 x 0.01 = 0.5 from 02-01 to 03-01: requests, up to 1000"], await LinesAsync(February));
        await SaveAsync(February);
        Assert.Equal(21.51m, (await UsageInvoice.ReadAsync(Store, null, Cancel)).Sum(i => i.Total));
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id IS NULL"));
        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id = 'usage-2'"));
    }

    [Fact]
    public async Task Late_records_of_a_month_without_usage_are_found_too_once_it_was_invoiced()
    {
        await Store.SetCustomerAsync(new CustomerChange("default"), Cancel);
        UsageInvoice empty = (await SaveAsync(January))!;
        Assert.Equal((0m, 0), (empty.Total, empty.Lines.Length));
        await Store.WriteAsync(Record("bandwidth", 3, Utc(2026, 1, 5)));

        Assert.Equal(["default bandwidth Late 3 x 0.01 = 0.03 from 01-01 to 02-01: GB"], await LinesAsync(February));
    }

    [Fact]
    public async Task Ranges_that_overlap_invoice_nothing_twice()
    {
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 10)), Record("bandwidth", 2, Utc(2026, 1, 20)), Record("bandwidth", 4, Utc(2026, 2, 5)));
        Assert.Equal(0.03m, (await SaveAsync(January))!.Total);
        Assert.Equal(0.04m, (await SaveAsync(Scope("2026-01-15", "2026-02-10")))!.Total);
        // Late is what the first invoice of its day has not.
        await Store.WriteAsync(Record("bandwidth", 8, Utc(2026, 1, 18)), Record("bandwidth", 16, Utc(2026, 2, 9)), Record("bandwidth", 32, Utc(2026, 2, 20)));
        Assert.Equal(
            [
                "default bandwidth Usage 32 x 0.01 = 0.32 from 02-01 to 03-01: GB", "default bandwidth Late 8 x 0.01 = 0.08 from 01-01 to 02-01: GB",
                "default bandwidth Late 16 x 0.01 = 0.16 from 01-15 to 02-11: GB",
            ],
            await LinesAsync(February));
        Assert.Equal(0.56m, (await SaveAsync(February))!.Total);
        Assert.Null(await SaveAsync(Scope("2026-01-15", "2026-02-10")));
    }

    [Fact]
    public async Task Two_who_save_at_once_and_one_who_writes_meanwhile_invoice_everything_once()
    {
        await using IUsageStore other = Test.OpenAgain();
        await Store.WriteAsync(Record("bandwidth", 100, Utc(2026, 1, 2)));
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; i < 40; i++)
                    await other.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 3).AddMinutes(i)));
            },
            Cancel);
        var totals = new List<UsageInvoice>();
        while (!writing.IsCompleted)
        {
            UsageInvoice?[] saved = await Task.WhenAll(CostReport.SaveAsync(Store, January, "default", Cancel), CostReport.SaveAsync(other, January, "default", Cancel));
            totals.AddRange(saved.OfType<UsageInvoice>());
        }

        await writing;
        if (await SaveAsync(January) is { } last)
            totals.Add(last);

        Assert.Equal(1.4m, totals.Sum(i => i.Total));
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id IS NULL"));
        Assert.Equal(140, totals.Sum(i => i.Lines.Sum(l => l.Quantity)));
    }

    [Fact]
    public async Task An_invoice_of_one_customer_leaves_the_others_alone()
    {
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 2), "a"), Record("bandwidth", 2, Utc(2026, 1, 2), "b"));
        await CostReport.SaveAsync(Store, January, "a", Cancel);
        Assert.Equal(
            ["a bandwidth Usage 1 x 0.01 = 0.01 from 01-01 to 02-01: GB (usage-1)", "b bandwidth Usage 2 x 0.01 = 0.02 from 01-01 to 02-01: GB"],
            await LinesAsync(January));
    }

    [Fact]
    public async Task Invoices_stay_when_their_customer_is_removed_and_another_of_the_name_begins_anew()
    {
        await Store.WriteAsync(Record("bandwidth", 1, Utc(2026, 1, 2)));
        await SaveAsync(January);
        await Store.RemoveCustomerAsync("default", Cancel);
        await Store.WriteAsync(Record("bandwidth", 2, Utc(2026, 1, 2)));

        Assert.Equal(["default bandwidth Usage 2 x 0.01 = 0.02 from 01-01 to 02-01: GB"], await LinesAsync(January));
        Assert.Equal("usage-2", (await SaveAsync(January))!.InvoiceId);
        Assert.Equal([0.01m, 0.02m], (await UsageInvoice.ReadAsync(Store, ["default"], Cancel)).Select(i => i.Total));
    }

    [Fact]
    public async Task A_correction_of_what_was_invoiced_comes_off_the_next_invoice_at_the_price_it_had()
    {
        await SetTiersAsync("api", PriceModel.Graduated, "10:1;*:0.5");
        await Store.WriteAsync(Record("api", 15, Utc(2026, 1, 2)));
        string id = await Test.ScalarAsync("SELECT usage_id FROM billing_usage_records");
        Assert.Equal(12.5m, (await SaveAsync(January))!.Total);
        await Task.Delay(20, Cancel);
        await SetTiersAsync("api", PriceModel.Graduated, "10:1;*:0.1");
        await Test.InsertAsync(Record("api", -15, Utc(2026, 1, 2), unitCost: 1), "true", id);

        Assert.Equal(
            ["default api Late -10 x 1 = -10 from 01-01 to 02-01: requests, up to 10", "default api Late -5 x 0.5 = -2.5 from 01-01 to 02-01: requests, above 10"],
            (await LinesAsync(January)).Skip(2));
    }

    [Fact]
    public async Task An_adjusted_record_keeps_the_tiers_that_it_had()
    {
        await SetTiersAsync("api", PriceModel.Graduated, "10:1;*:0.5");
        await Store.WriteAsync(Record("api", 15, Utc(2026, 1, 2)));
        await Task.Delay(20, Cancel);
        await SetTiersAsync("api", PriceModel.Graduated, "10:2;*:0.1");
        await Task.Delay(20, Cancel);
        long id = long.Parse(await Test.ScalarAsync("SELECT usage_id FROM billing_usage_records"), System.Globalization.CultureInfo.InvariantCulture);
        StoredRecord right = (await Store.CorrectAsync([Undo(id) with { Quantity = 16 }], Cancel))[0].Record!;
        await Store.CorrectAsync([Undo(right.Id) with { Quantity = 14 }], Cancel);

        Assert.Equal(
            ["default api Usage 10 x 1 = 10 from 01-01 to 02-01: requests, up to 10", "default api Usage 4 x 0.5 = 2 from 01-01 to 02-01: requests, above 10"],
            await LinesAsync(January));
    }

    [Fact]
    public async Task Where_there_is_nothing_to_invoice_no_record_is_marked_with_a_number_that_another_invoice_will_have()
    {
        await Store.WriteAsync(Record("api", 15, Utc(2026, 1, 2)));
        await SaveAsync(January);
        await Store.WriteAsync(Record("api", 4, Utc(2026, 1, 3)));
        long id = long.Parse(await Test.ScalarAsync("SELECT usage_id FROM billing_usage_records WHERE quantity = '4'"), System.Globalization.CultureInfo.InvariantCulture);
        await Store.CorrectAsync([Undo(id)], Cancel);

        Assert.Null(await SaveAsync(January));

        Assert.Equal("2", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id IS NULL"));
        await Store.WriteAsync(Record("api", 1, Utc(2026, 2, 3)));
        Assert.Equal("usage-2", (await SaveAsync(February))!.InvoiceId);
        Assert.Equal("0", await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id IS NULL"));
    }

    [Fact]
    public async Task Archived_records_are_warned_of_where_no_invoice_has_them()
    {
        ReportScope january = January with { Customers = ["default"] };
        ReportScope both = Scope("2026-01", "2026-02") with { Customers = ["default"] };
        await Store.WriteAsync(Record("api", 1, Utc(2026, 1, 3)), Record("api", 2, Utc(2026, 2, 3)), Record("api", 4, Utc(2025, 12, 3)));
        await SaveAsync(January);
        await SaveAsync(February);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("usage-cost-");
        try
        {
            Assert.Equal(2, (await ArchiveAsync(includeUninvoiced: false))!.Records);
            Assert.Empty(await CostReport.WarnAsync(Store, january, Cancel));
            Assert.Empty(await CostReport.WarnAsync(Store, both, Cancel));

            ReportScope december = Scope("2025-12", "2025-12") with { Customers = ["default"] };
            Assert.Equal(1, (await ArchiveAsync(includeUninvoiced: true))!.Records);
            Assert.StartsWith("1 record", Assert.Single(await CostReport.WarnAsync(Store, december, Cancel)), StringComparison.Ordinal);
            // An invoice that was saved without them does not have them.
            Assert.Equal(0, (await SaveAsync(december))!.Total);
            Assert.StartsWith("1 record", Assert.Single(await CostReport.WarnAsync(Store, december, Cancel)), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Task<StoredArchive?> ArchiveAsync(bool includeUninvoiced) => RecordArchive.WriteAsync(
            Store, new ArchiveScope(UsageFilter.All, Utc(2026, 6, 1), includeUninvoiced), Path.Combine(folder.FullName, $"{includeUninvoiced}.csv"), new ArchiveProgress(), Cancel);
    }

    [Fact]
    public async Task Overage_is_what_was_used_above_the_plans_limit_in_its_period()
    {
        await SubscribeAsync("default", "starter", Utc(2026, 1, 1));
        await QuotaAsync("starter", "api", 100, "'0.5'");
        await QuotaAsync("starter", "bandwidth", -1, "'0.5'");
        await QuotaAsync("starter", "compute", 1, "NULL");
        await QuotaAsync("starter", "functions", 10, "'0.25'");
        await Store.WriteAsync(
            Record("api", 90, Utc(2026, 1, 2)), Record("api", 15.5m, Utc(2026, 1, 31)), Record("bandwidth", 1000, Utc(2026, 1, 2)),
            Record("compute", 50, Utc(2026, 1, 2)), Record("functions", 10, Utc(2026, 1, 2)), Record("api", 80, Utc(2026, 2, 1)));

        // 105.5 requests at 0.0001, and 5.5 above the limit at 0.5. Of functions just the limit was used.
        Assert.Equal(
            [
                "default api Usage 105.5 x 0.0001 = 0.01055 from 01-01 to 02-01: requests",
                "default api Overage 5.5 x 0.5 = 2.75 from 01-01 to 02-01: above 100 requests of the plan starter",
            ],
            (await LinesAsync(January)).Where(l => l.Contains(" api ", StringComparison.Ordinal) || l.Contains("Overage", StringComparison.Ordinal)));
        // Half of its period is no ground for it yet.
        Assert.DoesNotContain(await LinesAsync(Scope("2026-01-01", "2026-01-15")), l => l.Contains("Overage", StringComparison.Ordinal));

        await SaveAsync(January);
        await Store.WriteAsync(Record("api", 2, Utc(2026, 1, 3)));
        Assert.Equal(
            [
                "default api Usage 80 x 0.0001 = 0.008 from 02-01 to 03-01: requests",
                "default api Late 2 x 0.0001 = 0.0002 from 01-01 to 02-01: requests",
                "default api Overage 2 x 0.5 = 1 from 01-01 to 02-01: above 100 requests of the plan starter",
            ],
            await LinesAsync(February));
        await SaveAsync(February);
        Assert.Equal("7.5", Norm(await Test.ScalarAsync($"SELECT sum({(Test.IsPostgres ? "quantity" : "quantity + 0")}) FROM usage_invoice_lines WHERE kind = 'overage'")));
    }

    [Fact]
    public async Task A_limit_of_gigabytes_is_held_against_what_was_kept_on_average()
    {
        await SubscribeAsync("default", "free", Utc(2026, 1, 1));
        await QuotaAsync("free", "storage", 1, "'0.10'", "'gb'");
        // 3 GB all through the 744 hours of January: 2 GB too many, at 0.10.
        await Store.WriteAsync(Record("storage", 2232, Utc(2026, 1, 15)));

        Assert.Equal("default storage Overage 2 x 0.1 = 0.2 from 01-01 to 02-01: above 1 GB of the plan free", (await LinesAsync(January))[^1]);
    }

    [Fact]
    public async Task Other_prices_are_tried_out_without_changing_anything()
    {
        await SetAsync("api", 0.25m, customer: "own");
        await Store.WriteAsync(
            Record("api", 1500, Utc(2026, 1, 2), "a"), Record("api", 100, Utc(2026, 1, 2), "own"), Record("api", 10, Utc(2026, 1, 2), "a", unitCost: 2),
            Record("bandwidth", 4, Utc(2026, 1, 2), "a"));
        await CostReport.SaveAsync(Store, January, "own", Cancel);
        Price proposed = PriceRules.Make(
            BuiltInServices.All[0].Service, null, null, new DateOnly(2030, 1, 1), PriceModel.Graduated, null, PriceTiers.Parse("1000:0.0002;*:0.0001"), null);

        IReadOnlyList<UsageCostDifference> differences = await CostComparisonReport.ReadAsync(Store, January, [proposed], Cancel);

        // Of a: 1500 x 0.0001 + 20 before; 1000 x 0.0002 + 500 x 0.0001 + 20 after. own has a price of its own.
        Assert.Equal(
            ["a api 1510 20.15 20.25 0.1", "a bandwidth 4 0.04 0.04 0", "own api 100 25 25 0"],
            differences.Select(d => FormattableString.Invariant($"{d.CustomerId} {d.Service} {d.Quantity} {d.Current} {d.Proposed} {d.Difference}")));
        Assert.Equal(0.496277915633m, Math.Round(differences[0].PercentChange!.Value, 12));
        Assert.Equal("0.0001", Norm(await Test.ScalarAsync("SELECT unit_cost FROM usage_prices WHERE service_name = 'api' AND customer_id IS NULL")));
        Assert.Equal("7", await Test.ScalarAsync("SELECT count(*) FROM usage_prices"));
    }

    [Fact]
    public async Task A_services_unit_is_fixed_once_it_has_records()
    {
        var email = new Service("email", "messages", false, 7);
        await Store.SetServiceAsync(email, Cancel);
        await Store.SetServiceAsync(email with { Unit = "mails" }, Cancel);
        await Store.WriteAsync(Record("email", 1, Utc(2026, 1, 2)));
        await Store.SetServiceAsync(email with { Unit = "mails", SortOrder = 0 }, Cancel);

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => Store.SetServiceAsync(email, Cancel));

        Assert.Equal("UnitFixed", error.ErrorId);
        Assert.Equal("email mails 0", (await Store.GetCatalogueAsync(Cancel)).Services[0] is var s ? FormattableString.Invariant($"{s.Name} {s.Unit} {s.SortOrder}") : "");
        await Test.ArchiveAsync("default", "email", Utc(2026, 1, 1), Utc(2026, 2, 1));
        await Assert.ThrowsAsync<UsageException>(() => Store.SetServiceAsync(email with { CountsBytes = true, Unit = "mails" }, Cancel));
    }

    private static RecordCorrection Undo(long id) => new() { Id = id, By = "me", Reason = "a typo" };

    private static Service ServiceOf(string name) => BuiltInServices.All.First(s => s.Service.Name == name).Service;

    private static string Norm(string number) => ExactDecimal.Parse(number).ToString();

    private Task SetAsync(string service, decimal unitCost, string from = "1980-01-01", string? customer = null, string? plan = null) => Store.SetPriceAsync(
        PriceRules.Make(ServiceOf(service), customer, plan, DateOnly.Parse(from, System.Globalization.CultureInfo.InvariantCulture), null, unitCost, null, null), Cancel);

    private Task SetTiersAsync(string service, PriceModel model, string tiers) => Store.SetPriceAsync(
        PriceRules.Make(ServiceOf(service), null, null, BuiltInServices.InForceFrom, model, null, PriceTiers.Parse(tiers), null), Cancel);

    private Task SetPackageAsync(string service, decimal price, decimal size) => Store.SetPriceAsync(
        PriceRules.Make(ServiceOf(service), null, null, BuiltInServices.InForceFrom, null, price, null, size), Cancel);

    private async Task SubscribeAsync(string customer, string plan, DateTimeOffset? start = null)
    {
        DateTimeOffset begin = start ?? Utc(2020, 1, 1);
        await Test.QueryAsync($"INSERT INTO billing_plans (plan_name) VALUES ('{plan}') ON CONFLICT DO NOTHING");
        await Store.SetCustomerAsync(new CustomerChange(customer), Cancel);
        await Test.QueryAsync(
            $"""
            INSERT INTO billing_subscriptions (subscription_id, customer_id, plan_name, current_period_start, current_period_end)
            VALUES ('s-{customer}', '{customer}', '{plan}', '{SqlTime(begin)}', '{SqlTime(begin.AddMonths(1))}')
            """);
    }

    private Task QuotaAsync(string plan, string service, int limit, string price, string unit = "NULL") => Test.QueryAsync(
        FormattableString.Invariant($"INSERT INTO billing_quotas (plan_name, service_name, limit_value, limit_type, overage_price) VALUES ('{plan}', '{service}', {limit}, {unit}, {price})"));

    protected Task<UsageInvoice?> SaveAsync(ReportScope scope) => CostReport.SaveAsync(Store, scope, "default", Cancel);

    protected async Task<IReadOnlyList<string>> LinesAsync(ReportScope scope) =>
    [
        .. (await CostReport.ReadAsync(Store, scope, Cancel)).Select(l => FormattableString.Invariant(
            $"{l.CustomerId} {l.Service} {l.Kind} {l.Quantity} x {l.UnitCost} = {l.Amount} from {l.Start:MM-dd} to {l.End:MM-dd}: {l.Description}{(l.InvoiceId is null ? "" : $" ({l.InvoiceId})")}")),
    ];
}
