using UsageTracking.Files.Archives;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;
using static UsageTracking.Tests.Testing.Scopes;

namespace UsageTracking.Tests.Reports;

public sealed class SqliteCostLawTests() : CostLawTests(() => TestStore.CreateAsync(StoreKind.Sqlite));

public sealed class PostgresCostLawTests() : CostLawTests(() => TestStore.CreateAsync(StoreKind.PostgreSql));

public sealed class AdoptedCostLawTests() : CostLawTests(AdoptAsync)
{
    private static async Task<TestStore> AdoptAsync()
    {
        TestStore store = await TestStore.CreateEmptyAsync(StoreKind.PostgreSql);
        await store.QueryAsync(NselfDatabase.Tables + NselfDatabase.Policies);
        await store.Store.InitializeAsync(Cancel);
        return store;
    }
}

/// <summary>Whatever is written, undone, invoiced, archived and restored in whatever order: all of it is invoiced, once.</summary>
public abstract class CostLawTests(Func<Task<TestStore>> create) : OnTestStore(create)
{
    private static readonly ReportScope Everything = Scope("2025-12", "2026-06");
    private static readonly string[] Customers = ["a", "b"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_is_invoiced_and_what_is_not_yet_add_up_to_what_reports_say(int seed)
    {
        var random = new Random(seed);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("usage-cost-law-");
        var away = new List<StoredArchive>();
        try
        {
            foreach (string customer in Customers)
                await Store.SetCustomerAsync(new CustomerChange(customer), Cancel);

            for (int step = 0; step < 60; step++)
            {
                switch (random.Next(8))
                {
                    case 0 or 1 or 2:
                        await Store.WriteAsync([.. Enumerable.Range(0, random.Next(1, 6)).Select(i => Draw(random, step, i))]);
                        break;
                    case 3 or 4:
                        await CorrectAsync(random);
                        break;
                    case 5:
                        DateTimeOffset start = Utc(2026, random.Next(1, 4), random.Next(2) == 0 ? 1 : 12);
                        var range = new TimeRange(start, start.AddMonths(1));
                        await CostReport.SaveAsync(Store, Everything with { Range = range }, Customers[random.Next(2)], Cancel);
                        break;
                    case 6:
                        var scope = new ArchiveScope(UsageFilter.All, Utc(2026, random.Next(1, 5), random.Next(1, 28)), IncludeUninvoiced: false);
                        // Where nothing was invoiced yet everything would be archived.
                        bool hasInvoices = await Test.ScalarAsync("SELECT count(*) FROM billing_usage_records WHERE invoice_id IS NOT NULL") != "0" || away.Count > 0;
                        if (hasInvoices && await RecordArchive.WriteAsync(Store, scope, Path.Combine(folder.FullName, $"{step}.csv"), new ArchiveProgress(), Cancel) is { } archive)
                            away.Add(archive);
                        break;
                    default:
                        if (away.Count > 0)
                        {
                            StoredArchive back = away[random.Next(away.Count)];
                            Assert.Equal(back.Records, await ArchiveRestore.RunAsync(Store, back, new ArchiveProgress(), Cancel));
                            away.Remove(back);
                        }

                        break;
                }

                await ExpectBalanceAsync();
            }

            Assert.NotEqual("0", await Test.ScalarAsync("SELECT count(*) FROM usage_archives"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task In_however_many_invoices_a_month_of_tiers_and_packages_costs_what_it_does_in_one(int seed)
    {
        var random = new Random(seed);
        Service[] services = [.. BuiltInServices.All.Select(s => s.Service).Where(s => s.Name is "api" or "bandwidth")];
        Price[] prices =
        [
            PriceRules.Make(services[0], null, null, BuiltInServices.InForceFrom, PriceModel.Graduated, null, PriceTiers.Parse("300:1;900:0.5;*:0.25"), null),
            PriceRules.Make(services[1], null, null, BuiltInServices.InForceFrom, null, 3, null, 70),
        ];
        foreach (Price price in prices)
            await Store.SetPriceAsync(price, Cancel);

        await Store.SetCustomerAsync(new CustomerChange("a"), Cancel);
        ReportScope january = Scope("2026-01", "2026-01") with { Customers = ["a"] };
        for (int step = 0; step < 40; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    await Store.WriteAsync(Record(services[random.Next(2)].Name, random.Next(1, 1000) / 8m, Utc(2026, 1, 1).AddHours(random.Next(31 * 24)), "a"));
                    break;
                case 2:
                    await CorrectAsync(random);
                    break;
                default:
                    await CostReport.SaveAsync(Store, january, "a", Cancel);
                    break;
            }

            ExactDecimal expected = (await UsageReport.TotalsAsync(Store, january, ["a"], Cancel)).Where(u => u.Quantity > 0)
                .SelectMany(u => PriceCharge.Of(prices.Single(p => p.Service == u.Service), ExactDecimal.Zero, u.Quantity))
                .Aggregate(ExactDecimal.Zero, (sum, c) => sum + c.Amount);
            decimal invoiced = (await UsageInvoice.ReadAsync(Store, null, Cancel)).Sum(i => i.Total);
            decimal open = (await CostReport.ReadAsync(Store, january, Cancel)).Where(l => l.InvoiceId is null).Sum(l => l.Amount);
            Assert.Equal(expected.ToReported(), invoiced + open);
        }
    }

    private static UsageRecord Draw(Random random, int step, int i) => Record(
        random.Next(2) == 0 ? "api" : "bandwidth", random.Next(1, 1000) / 8m, Utc(2026, 1, 1).AddHours(random.Next(90 * 24)), Customers[random.Next(2)],
        unitCost: random.Next(3) == 0 ? random.Next(1, 9) / 4m : null, key: random.Next(3) == 0 ? $"k{step}-{i}" : null);

    private async Task CorrectAsync(Random random)
    {
        var records = new List<StoredRecord>();
        await foreach (StoredRecord record in Store.ReadRecordsAsync(UsageFilter.All, TimeRange.Everything, null, includeUndone: false, Cancel))
            records.Add(record);

        StoredRecord[] chosen = [.. records.Where(_ => random.Next(6) == 0)];
        IReadOnlyList<CorrectionOutcome> outcomes = await Store.CorrectAsync(
        [
            .. chosen.Select(r => new RecordCorrection
            {
                Id = r.Id,
                Timestamp = r.Timestamp,
                By = "me",
                Reason = "a typo",
                Quantity = random.Next(2) == 0 ? null : r.Quantity + 1,
            }),
        ], Cancel);
        Assert.All(outcomes, o => Assert.Null(o.Error));
    }

    private async Task ExpectBalanceAsync()
    {
        decimal usage = (await UsageReport.TotalsAsync(Store, Everything, Customers, Cancel)).Sum(u => u.Cost);
        decimal invoiced = (await UsageInvoice.ReadAsync(Store, null, Cancel)).Sum(i => i.Total);
        decimal open = (await CostReport.ReadAsync(Store, Everything, Cancel)).Where(l => l.InvoiceId is null).Sum(l => l.Amount);
        Assert.Equal(usage, invoiced + open);
        Assert.Empty(await Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await Store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }
}
