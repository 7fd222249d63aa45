using UsageTracking.Charts;
using UsageTracking.Reports;
using UsageTracking.Time;
using static UsageTracking.Tests.Charts.ChartSamples;

namespace UsageTracking.Tests.Charts;

public sealed class ChartSetTests
{
    [Fact]
    public void A_burn_down_has_its_lines_where_the_figures_are_however_they_are_sorted()
    {
        Chart chart = Assert.Single(Draw(Enumerable.Reverse(Burndown())));

        Assert.Equal((June, June.AddDays(30)), (chart.Start, chart.End));
        Assert.Equal(June.AddDays(9.5), chart.Now);
        Assert.Equal(["Actual", "Projected", "Target"], chart.Series.Select(s => s.Name));
        Assert.Equal(Enumerable.Range(0, 31).Select(d => (June.AddDays(d), (decimal?)(300 - (10 * d)))), Points(chart, ChartRole.Target));
        Assert.Equal(
            Enumerable.Range(0, 10).Select(d => (June.AddDays(d), (decimal?)(300 - (12 * d)))).Append((June.AddDays(9.5), 186)),
            Points(chart, ChartRole.Actual).Where(p => p.Value is not null));
        // From what is left now, on to the end.
        Assert.Equal((June.AddDays(9.5), 186), Points(chart, ChartRole.Projected)[0]);
        Assert.Equal((June.AddDays(30), -60), Points(chart, ChartRole.Projected)[^1]);
        Assert.Null(chart.Note);
        Assert.Equal(["home", "June 2014", "186 of 300 GB left, 19 GB behind target"], chart.Subtitle);
    }

    [Fact]
    public void Each_customer_service_and_period_has_a_chart_of_its_own()
    {
        UsageBurndown[] july = [.. Burndown().Select(d => d with { PeriodStart = June.AddDays(30), PeriodEnd = June.AddDays(61), Date = d.Date.AddDays(30), DayEnd = d.DayEnd.AddDays(30) })];
        object[] mixed = [.. Burndown(), .. july, .. Burndown(customer: "shop"), Trend(1, 5), Trend(1, 6, service: "compute")];

        IReadOnlyList<Chart> charts = Draw(mixed.OrderBy(l => l is UsageTrend));

        Assert.Equal(
            ["home June 2014", "home July 2014", "shop June 2014", "acme 1 June 2014", "acme 1 June 2014"],
            charts.Select(c => $"{c.Subtitle[0]} {c.Subtitle[1]}"));
        Assert.Equal(["api: usage per day", "compute: usage per day"], charts.TakeLast(2).Select(c => c.Title));
    }

    [Fact]
    public void Where_nothing_was_measured_the_line_is_interrupted_and_day_one_is_not_invented()
    {
        UsageBurndown[] days = Burndown();
        days[0] = days[0] with { Actual = null };
        days[4] = days[4] with { Actual = null };

        Chart chart = Draw(days)[0];

        IReadOnlyList<ChartPoint>[] stretches = [.. chart.Series[0].Stretches()];
        Assert.Equal([June.AddDays(2), June.AddDays(6)], stretches.Select(s => s[0].At));
        Assert.Equal([June.AddDays(4), June.AddDays(9.5)], stretches.Select(s => s[^1].At));
    }

    [Fact]
    public void Without_the_first_days_no_line_starts_at_the_limit()
    {
        Chart chart = Draw(Burndown().Skip(5))[0];

        Assert.Equal(June, chart.Start);
        Assert.Equal(June.AddDays(6), chart.Series[0].Points[0].At);
        Assert.Equal(June.AddDays(5), chart.Slots[0].Start);
    }

    [Fact]
    public void Too_early_to_tell_is_said()
    {
        Chart early = Draw(Burndown(2, isProjected: false))[0];
        Assert.Equal("No projection yet: too little of the period has passed.", early.Note);
        Assert.Equal(["Actual", "Target"], early.Series.Select(s => s.Name));

        // A month that is over needs none.
        Assert.Null(Draw(Burndown(31, isProjected: false))[0].Note);
    }

    [Fact]
    public void A_top_up_is_a_step_of_the_target()
    {
        UsageBurndown[] days = [.. Burndown().Select((d, i) => i < 14 ? d : d with { Limit = 400, Target = d.Target + 60 })];

        (DateTimeOffset, decimal? Value)[] target = Points(Draw(days)[0], ChartRole.Target);

        Assert.Equal([160, 210], target[14..16].Select(p => p.Value));
    }

    [Fact]
    public void Missing_days_keep_their_places()
    {
        Chart chart = Draw(Trend(8, 5, isPartial: true), Trend(2, 7), Trend(5, 3))[0];

        Assert.Equal(7, chart.Slots.Count);
        Assert.Equal([new ChartBar(0, 0, 0, 7), new ChartBar(3, 0, 0, 3), new ChartBar(6, 0, 0, 5)], chart.Bars());
        Assert.Equal([false, false, false, false, false, false, true], chart.Slots.Select(s => s.IsPartial));
    }

    [Fact]
    public void Hours_of_both_offsets_are_there_when_the_clocks_go_back()
    {
        // Berlin, 26 October 2014: 02:00 comes twice.
        DateTimeOffset midnight = new(2014, 10, 26, 0, 0, 0, TimeSpan.FromHours(2));
        DateTimeOffset Hour(int n) => n < 3 ? midnight.AddHours(n) : midnight.AddHours(n).ToOffset(TimeSpan.FromHours(1));

        Chart chart = Draw(Enumerable.Range(0, 25).Select(n => Measure(Hour(n), n, PeriodKind.Hourly)))[0];

        Assert.Equal(25, chart.Slots.Count);
        Assert.All(chart.Slots, s => Assert.Equal(TimeSpan.FromHours(1), s.End - s.Start));
        Assert.Equal(["Sun 26 Oct 2014 02:00 +02:00", "Sun 26 Oct 2014 02:00 +01:00"], chart.Slots.Skip(2).Take(2).Select(s => ChartText.Name(s, chart.Kind)));
    }

    [Fact]
    public void The_six_largest_groups_are_stacked_and_the_others_on_top_of_them()
    {
        Chart chart = Draw(Enumerable.Range(1, 9).Select(g => Measure(June, g, group: $"/{g}")))[0];

        Assert.Equal(["/9", "/8", "/7", "/6", "/5", "/4", "3 others"], chart.Series.Select(s => s.Name));
        Assert.Equal([9, 17, 24, 30, 35, 39, 45], chart.Bars().Select(b => b.To));
        Assert.Equal(ChartRole.OtherUsage, chart.Series[6].Role);
        Assert.Equal(7, Draw(Enumerable.Range(1, 7).Select(g => Measure(June, g, group: $"/{g}")))[0].Series.Count(s => s.Role == ChartRole.Usage));
    }

    [Fact]
    public void What_is_below_zero_is_stacked_downwards()
    {
        Chart chart = Draw(Measure(June, 4, group: "a"), Measure(June, -3, group: "b"), Measure(June, -2, group: "c"))[0];

        Assert.Equal([(0, 4), (0, -2), (-2, -5)], chart.Bars().Select(b => (b.From, b.To)));
    }

    [Fact]
    public void Only_lines_of_reports_with_a_course_can_be_drawn()
    {
        var set = new ChartSet();

        Assert.Equal("NotAReport", Assert.Throws<UsageException>(() => set.Add("text")).ErrorId);
        Assert.Equal("NotAReport", Assert.Throws<UsageException>(() => set.Add(null)).ErrorId);
        Assert.True(set.IsEmpty);
        set.Add(new DailyServiceUsage
        {
            Date = June.Date,
            Service = "api",
            Quantity = 2,
            Unit = "requests",
            UnitCost = 0,
            Cost = 0,
            Events = 1,
            Start = June,
            End = June.AddDays(1),
            CustomerId = "acme",
            ShareOfLargest = 1,
        });
        set.Add(new UsagePeak { Period = June, Service = "api", TotalUsage = 3, EventCount = 1, Unit = "requests", PeriodKind = PeriodKind.Monthly, CustomerId = "acme" });
        Assert.Equal(["api: usage per day, 2 requests in all", "api: busiest months, June 2014"], set.ToCharts().Select(c => $"{c.Title}, {c.Subtitle[^1]}"));
    }

    [Fact]
    public void A_title_is_that_of_a_single_chart()
    {
        var set = new ChartSet();
        set.Add(Trend(1, 2));
        Assert.Equal("Mine", Assert.Single(set.ToCharts("Mine")).Title);
        set.Add(Trend(1, 2, service: "compute"));
        Assert.DoesNotContain("Mine", set.ToCharts("Mine").Select(c => c.Title));
    }

    private static (DateTimeOffset At, decimal? Value)[] Points(Chart chart, ChartRole role) =>
        [.. chart.Series.Single(s => s.Role == role).Points.Select(p => (p.At, p.Value))];
}
