using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Quotas;

public sealed class SqliteAlertCheckTests() : AlertCheckTests(StoreKind.Sqlite);

public sealed class PostgresAlertCheckTests() : AlertCheckTests(StoreKind.PostgreSql);

public abstract class AlertCheckTests(StoreKind kind) : OnQuotas(kind)
{
    [Fact]
    public async Task A_month_with_corrections_resets_restarts_and_two_checkers_has_no_repeat_and_no_miss()
    {
        await SetAsync("api", 1000, Utc(2026, 6, 1));

        await UseAsync(749);
        await ExpectAsync();
        await UseAsync(1);
        await ExpectAsync("WARNING: api usage at 75% - 750/1000");
        await ExpectAsync();
        // What was used is taken back and used again: the same level says nothing new.
        await CorrectAsync(1);
        await ExpectAsync();
        await UseAsync(5);
        await ExpectAsync();
        // Past two thresholds at once only the higher one speaks, and the lower one never again.
        await UseAsync(300);
        await ExpectAsync("QUOTA EXCEEDED: api - 1054/1000 (105%)");
        await CorrectAsync(300);
        await ExpectAsync();
        await UseAsync(150);
        await ExpectAsync();
        // A top-up is a new limit: of 2000, 904 are no level.
        await GrantAsync("api", 1000, Utc(2026, 6, 20));
        await ExpectAsync();
        await UseAsync(1000);
        await ExpectAsync("CRITICAL: api usage at 95% - 1904/2000");
        // So is another limit: 1904 of 1500 and 1000 on top.
        await SetAsync("api", 1500, Utc(2026, 6, 21));
        await ExpectAsync("WARNING: api usage at 76% - 1904/2500");
        await UseAsync(600);
        await ExpectAsync("QUOTA EXCEEDED: api - 2504/2500 (100%)");
        // July begins anew, without the top-up.
        await ExpectInJulyAsync();
        await Store.WriteAsync(Record("api", 1200, Utc(2026, 7, 1), "acme"));
        await ExpectInJulyAsync("WARNING: api usage at 80% - 1200/1500");
        // A late record of June raises nothing in July, and nothing twice in June.
        await UseAsync(100);
        await ExpectInJulyAsync();
        await ExpectAsync();

        Assert.Equal(
            [
                "warning 1200/1500 (80%)", "exceeded 2504/2500 (100%)", "warning 1904/2500 (76%)", "critical 1904/2000 (95%)", "exceeded 1054/1000 (105%)", "warning 750/1000 (75%)",
            ],
            (await AlertCheck.GetAsync(Store, UsageFilter.All, DateTimeOffset.UtcNow.AddHours(-1), Cancel)).Select(a => a.ToLogLine()[22..].Replace("ALERT for api: ", "", StringComparison.Ordinal)));

        Task UseAsync(decimal quantity) => Store.WriteAsync(Record("api", quantity, Utc(2026, 6, 10), "acme"));

        async Task CorrectAsync(decimal quantity)
        {
            string id = await Test.ScalarAsync($"SELECT max(usage_id) FROM billing_usage_records WHERE quantity = '{quantity}' AND corrects_id IS NULL");
            await Test.InsertAsync(Record("api", 1, Utc(2026, 6, 10), "acme") with { Quantity = -quantity }, corrects: id);
            await Store.UpdateSummaryAsync(UsageFilter.All, null, Cancel);
        }

        Task ExpectAsync(params string[] messages) => ExpectAtAsync(Utc(2026, 6, 25), messages);

        Task ExpectInJulyAsync(params string[] messages) => ExpectAtAsync(Utc(2026, 7, 2), messages);

        async Task ExpectAtAsync(DateTimeOffset at, string[] messages)
        {
            // Every time there are two checkers, and both have just been started.
            await using IUsageStore one = Test.OpenAgain();
            await using IUsageStore other = Test.OpenAgain();
            IReadOnlyList<UsageAlert>[] raised = await Task.WhenAll(CheckAsync(one, at), CheckAsync(other, at));
            Assert.Equal(messages, raised.SelectMany(r => r).Select(a => a.Message));
        }
    }

    [Fact]
    public async Task What_could_not_be_handed_over_comes_again_until_it_is_but_not_to_two_at_once()
    {
        await SetAsync("api", 100, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("api", 80, Utc(2026, 6, 1), "acme"));

        UsageAlert first = Assert.Single(await CheckAsync(Store, Utc(2026, 6, 2), settle: null));
        // Somebody is still at it.
        Assert.Empty(await CheckAsync(Store, Utc(2026, 6, 2)));
        await AlertCheck.SettleAsync(Store, first, isDelivered: false, Cancel);
        IReadOnlyList<UsageAlert>[] second = await Task.WhenAll(CheckAsync(Store, Utc(2026, 6, 2), settle: false), CheckAsync(Test.OpenAgain(), Utc(2026, 6, 2), settle: false));
        Assert.InRange(second.Sum(s => s.Count), 1, 2);
        // Also in the next period.
        UsageAlert third = Assert.Single(await CheckAsync(Store, Utc(2026, 7, 2), settle: true));
        Assert.Equal((first.Message, first.Time, null), (third.Message, third.Time, third.DeliveredAt));
        Assert.Empty(await CheckAsync(Store, Utc(2026, 7, 2)));
        Assert.NotNull(Assert.Single(await AlertCheck.GetAsync(Store, UsageFilter.All, Utc(2026, 6, 1), Cancel)).DeliveredAt);
    }

    [Fact]
    public async Task An_alert_that_waits_is_covered_by_a_higher_one()
    {
        await SetAsync("api", 100, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("api", 80, Utc(2026, 6, 1), "acme"));
        Assert.Single(await CheckAsync(Store, Utc(2026, 6, 2), settle: false));
        await Store.WriteAsync(Record("api", 15, Utc(2026, 6, 1), "acme"));

        Assert.Equal(["CRITICAL: api usage at 95% - 95/100"], (await CheckAsync(Store, Utc(2026, 6, 2))).Select(a => a.Message));
        Assert.Empty(await CheckAsync(Store, Utc(2026, 6, 2)));
        Assert.Single(await AlertCheck.GetAsync(Store, UsageFilter.All, Utc(2026, 6, 1), Cancel));
    }

    [Fact]
    public async Task An_alert_that_was_handed_over_while_a_higher_one_covered_it_is_among_those_there_were()
    {
        await SetAsync("api", 100, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("api", 80, Utc(2026, 6, 1), "acme"));
        UsageAlert first = Assert.Single(await CheckAsync(Store, Utc(2026, 6, 2), settle: null));
        await Store.WriteAsync(Record("api", 15, Utc(2026, 6, 1), "acme"));
        await CheckAsync(Test.OpenAgain(), Utc(2026, 6, 2));

        await AlertCheck.SettleAsync(Store, first, isDelivered: true, Cancel);

        Assert.Equal(
            [QuotaLevel.Critical, QuotaLevel.Warning],
            (await AlertCheck.GetAsync(Store, UsageFilter.All, Utc(2026, 6, 1), Cancel)).Select(a => a.Level));
        Assert.Empty(await CheckAsync(Store, Utc(2026, 6, 2)));
    }

    [Fact]
    public async Task Eight_checkers_at_once_raise_each_alert_once()
    {
        string[] customers = [.. Enumerable.Range(1, 20).Select(i => $"c{i:00}")];
        foreach (string customer in customers)
            await SetAsync("api", 100, Utc(2026, 6, 1), customer: customer);

        await Store.WriteAsync([.. customers.Select(c => Record("api", 95, Utc(2026, 6, 1), c))]);

        IReadOnlyList<UsageAlert>[] raised = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CheckAsync(Test.OpenAgain(), Utc(2026, 6, 2)))));

        Assert.Equal(customers, raised.SelectMany(r => r).Select(a => a.CustomerId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_compared_or_has_no_limit_raises_nothing_and_a_limit_of_nothing_does()
    {
        await SetAsync("api", 0, Utc(2026, 6, 1));
        await SetAsync("compute", -1, Utc(2026, 6, 1));
        Assert.Empty(await CheckAsync(Store, Utc(2026, 6, 2)));
        await Store.WriteAsync(Record("api", 5, Utc(2026, 6, 1), "acme"), Record("compute", 1e12m, Utc(2026, 6, 1), "acme"));

        UsageAlert alert = Assert.Single(await CheckAsync(Store, Utc(2026, 6, 2)));

        Assert.Equal(("QUOTA EXCEEDED: api - 5/0", QuotaLevel.Exceeded, null, 5m, 0m), (alert.Message, alert.Level, alert.Percent, alert.Usage, alert.Limit));
    }

    [Fact]
    public async Task Figures_of_a_small_quota_are_shown_in_full()
    {
        await SetAsync("compute", 0.0005m, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("compute", 0.00042m, Utc(2026, 6, 1), "acme"));

        UsageAlert alert = Assert.Single(await CheckAsync(Store, Utc(2026, 6, 2)));

        Assert.Equal("WARNING: compute usage at 84% - 0.00042/0.0005", alert.Message);
        Assert.EndsWith("warning ALERT for compute: 0.00042/0.0005 (84%)", alert.ToLogLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_is_the_alert_of_the_present_level()
    {
        await SetAsync("bandwidth", 100, Utc(2026, 6, 1));
        await Store.WriteAsync(Record("bandwidth", 105, Utc(2026, 6, 1), "acme"));
        await CheckAsync(Store, Utc(2026, 6, 2));

        Assert.Equal(["QUOTA EXCEEDED: bandwidth - 105GB/100GB (105%)"], (await ActiveAsync(Utc(2026, 6, 2))).Select(a => a.Message));
        Assert.Empty(await ActiveAsync(Utc(2026, 7, 2)));
        await GrantAsync("bandwidth", 1000, Utc(2026, 6, 2));
        Assert.Empty(await ActiveAsync(Utc(2026, 6, 2)));

        async Task<IReadOnlyList<UsageAlert>> ActiveAsync(DateTimeOffset at) =>
            await AlertCheck.GetActiveAsync(Store, await StandAsync(at), Usual, Cancel);
    }

    [Theory]
    // Of 720 in 30 days one an hour lasts; the fast rule is 14.4 an hour and as fast in its last five minutes.
    [InlineData(15, 2, "CRITICAL: api burns 15 times as fast as its quota lasts - 15 of 720 in 1 h")]
    // Nothing of it in the last five minutes: the burst is over. In six hours it is no rate of six.
    [InlineData(15, 30, null)]
    // 40 in the last minutes of six hours: more than six times as fast over six hours, and in the last half hour.
    [InlineData(40, 10, "CRITICAL: api burns 6.7 times as fast as its quota lasts - 40 of 720 in 6 h")]
    // 80 in three days, and in their last six hours; not in the last half of one.
    [InlineData(80, 60, "WARNING: api burns 1.1 times as fast as its quota lasts - 80 of 720 in 72 h")]
    [InlineData(80, 359, "WARNING: api burns 1.1 times as fast as its quota lasts - 80 of 720 in 72 h")]
    [InlineData(80, 361, null)]
    public async Task A_quota_that_burns_too_fast_in_both_windows_raises_an_alert(int used, int minutesAgo, string? expected)
    {
        DateTimeOffset now = Utc(2026, 6, 15, 12);
        await SetAsync("api", 720, now);
        await Store.WriteAsync(Record("api", used, now.AddMinutes(-minutesAgo), "acme"));

        IReadOnlyList<UsageAlert> raised = await AlertCheck.RaiseAsync(Store, UsageFilter.All, await StandAsync(now), Usual, withBurnRates: true, new Widening(), Cancel);

        Assert.Equal(expected is null ? [] : [expected], raised.Select(a => a.Message));
        Assert.Empty(await AlertCheck.RaiseAsync(Store, UsageFilter.All, await StandAsync(now), Usual, withBurnRates: true, new Widening(), Cancel));
        Assert.All(raised, a => Assert.Equal(AlertRule.BurnRate, a.Rule));
    }

    private async Task<IReadOnlyList<UsageAlert>> CheckAsync(IUsageStore store, DateTimeOffset at, bool? settle = true)
    {
        IReadOnlyList<UsageAlert> raised = await AlertCheck.RaiseAsync(store, UsageFilter.All, await StandAsync(at, store), Usual, withBurnRates: false, new Widening(), Cancel);
        foreach (UsageAlert alert in settle is null ? [] : raised)
            await AlertCheck.SettleAsync(store, alert, settle == true, Cancel);

        return raised;
    }
}
