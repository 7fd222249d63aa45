using UsageTracking.Readings;
using UsageTracking.Stores;
using static UsageTracking.Tests.Readings.Meters;

namespace UsageTracking.Tests.Readings;

public sealed class RemainingMetersTests
{
    [Fact]
    public void The_first_reading_of_a_period_opens_it_and_each_fall_is_usage() =>
        Assert.Equal(["a Opening 3.5", "a Usage 0.5", "a Usage 0", "a Usage 96"],
            Derive(100, Left("1 05:30", 96.5m), Left("1 11:30", 96), Left("1 17:30", 96), Left("30 23:59:59", 0)));

    [Fact]
    public void A_rise_over_a_boundary_starts_the_new_period() =>
        Assert.Equal(["a Opening 40", "a Usage 50", "a Opening 2", "a Usage 1"],
            RemainingMeters.Derive([Left("1 05:30", 60), Left("30 23:30", 10), Left("7-1 05:30", 98), Left("7-2", 97)], [Month(6, 100), Month(7, 100)]).Text());

    [Fact]
    public void A_fall_over_a_boundary_starts_it_too() =>
        Assert.Equal(["a Opening 4", "a Opening 5"],
            RemainingMeters.Derive([Left("30", 96), Left("7-1 05:30", 95)], [Month(6, 100), Month(7, 100)]).Text());

    [Fact]
    public void A_rise_within_a_period_is_an_allowance() =>
        Assert.Equal(["a Opening 70", "a Allowance 0 +50", "a Usage 10"],
            Derive(100, Left("10", 30), Left("11", 80), Left("12", 70)));

    [Fact]
    public void What_is_left_above_the_limit_at_the_opening_is_an_allowance() =>
        Assert.Equal(["a Opening 0 +20", "a Usage 15"], Derive(100, Left("1 01:00", 120), Left("2", 105)));

    [Fact]
    public void Lines_add_up_and_what_the_second_one_says_puts_the_opening_right()
    {
        Assert.Equal(["a Opening 40"], Derive(100, Left("1 05:30", 60)));
        Assert.Equal(["a Opening 0", "b Opening 0"], Derive(100, Left("1 05:30", 60), Left("1 05:31", 40, "b")));
        Assert.Equal(["b Opening 5", "a Opening 0", "b Usage 2", "a Usage 1"],
            Derive(100, Left("1 05:30", 60, "b"), Left("2 05:30", 35), Left("2 06:00", 58, "b"), Left("3", 34)));
    }

    [Fact]
    public void A_line_that_comes_more_than_a_day_later_brings_what_it_says() =>
        Assert.Equal(["a Opening 10", "b Allowance 0 +40", "b Usage 1"],
            Derive(100, Left("1", 90), Left("2 00:00:01", 40, "b"), Left("3", 39, "b")));

    [Fact]
    public void A_provider_that_resets_late_ends_the_old_count_first() =>
        // 1 of the old count is usage of this period's time, but not of this period's count.
        Assert.Equal(["a Opening 90", "a Usage 0.75", "a Usage 0.25", "a Opening 1 +1", "a Usage 2"],
            RemainingMeters.Derive(
                [Left("30 23:00", 10), Left("7-1 00:10", 9.25m), Left("7-1 00:50", 9), Left("7-1 02:00", 99), Left("7-1 05:00", 97)],
                [Month(6, 100), Month(7, 100)]).Text());

    [Fact]
    public void Without_a_rise_within_the_day_the_reading_is_taken_as_it_is()
    {
        StoredReading[] fallen = [Left("30 23:00", 10), Left("7-1 00:10", 9)];

        Assert.Equal(["a Opening 90", "a Opening 91"], Derive(fallen));
        Assert.Equal(["a Opening 90", "a Opening 91", "a Allowance 0 +90"], Derive([.. fallen, Left("7-2", 99)]));
        Assert.Equal(["a Opening 90", "a Usage 1", "a Opening 1 +1"], Derive([.. fallen, Left("7-1 23:59:59", 99)]));

        static IEnumerable<string> Derive(StoredReading[] readings) => RemainingMeters.Derive(readings, [Month(6, 100), Month(7, 100)]).Text();
    }

    [Fact]
    public void Each_line_has_an_old_count_of_its_own() =>
        Assert.Equal(["a Opening 80", "b Opening 0", "b Opening 2 +3", "a Usage 3", "a Opening 0"],
            RemainingMeters.Derive(
                [Left("30", 10), Left("30", 10, "b"), Left("7-1 01:00", 49, "b"), Left("7-1 02:00", 7), Left("7-1 03:00", 49)],
                [Month(6, 100), Month(7, 100)]).Text());

    [Theory]
    // No other than the rise itself.
    [InlineData("11 12:00", 80, "a Usage 0")]
    // 10 were used meanwhile.
    [InlineData("11 12:00", 70, "a Usage 10")]
    [InlineData("11 12:00", 25, "a Usage 55")]
    // The provider gave more than what was recorded.
    [InlineData("11 12:00", 85, "a Allowance 0 +5")]
    // At the reading itself, and after it.
    [InlineData("12", 80, "a Usage 0")]
    [InlineData("12 00:00:01", 80, "a Allowance 0 +50")]
    public void An_allowance_recorded_by_hand_explains_a_rise(string time, int value, string expected) =>
        Assert.Equal(["a Opening 70", expected], Derive(Month(6, 100, TopUp(time, 50)), Left("11", 30), Left("12", value)));

    [Fact]
    public void An_allowance_recorded_by_hand_before_the_opening_belongs_to_it() =>
        Assert.Equal(["a Opening 52"], Derive(Month(6, 100, TopUp("1", 20), TopUp("3", 30)), Left("3", 98)));

    [Fact]
    public void Of_several_lines_the_one_that_rises_has_the_allowance()
    {
        ReadingPeriod month = Month(6, 100, TopUp("2 12:00", 50));
        StoredReading[] opening = [Left("1", 60), Left("1", 40, "b")];
        string[] opened = ["a Opening 0", "b Opening 0"];

        Assert.Equal([.. opened, "a Usage 1", "b Usage 2"], Derive(month, [.. opening, Left("3", 59), Left("3", 88, "b")]));
        // Before b is read it looks as if the 50 were used, and afterwards it does not.
        Assert.Equal([.. opened, "a Usage 51"], Derive(month, [.. opening, Left("3", 59)]));
        Assert.Equal([.. opened, "a Usage 1", "b Usage 2"], Derive(month, [.. opening, Left("3", 59), Left("4", 88, "b")]));
        // Both rise: the one that was read first.
        Assert.Equal([.. opened, "a Usage 0", "b Allowance 0 +50"], Derive(month, [.. opening, Left("3", 110), Left("4", 90, "b")]));
    }

    [Fact]
    public void Two_allowances_go_to_the_two_lines_that_rise() =>
        Assert.Equal(["a Opening 0", "b Opening 0", "a Usage 0", "b Usage 1"],
            Derive(Month(6, 100, TopUp("2", 50), TopUp("2", 50)), Left("1", 60), Left("1", 40, "b"), Left("3", 110), Left("3", 89, "b")));

    [Fact]
    public void What_was_read_outside_of_the_periods_is_left_alone() =>
        Assert.Equal(["a Opening 40"], RemainingMeters.Derive([Left("1", 60), Left("7-1", 55)], [Month(6, 100)]).Text());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Limit_and_allowances_less_usage_are_what_the_meters_say(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            (StoredReading[] readings, ReadingPeriod[] periods) = Random(random);

            DerivedReading[] derived = [.. RemainingMeters.Derive(readings, periods)];

            Assert.Equal(readings.Length, derived.Select(d => (d.Reading.Meter, d.Reading.ReadAt)).Distinct().Count());
            Assert.All(derived, d => Assert.True(d.Reading.Usage >= 0 && d.Reading.Allowance >= 0));
            // The order in which they are listed does not matter.
            Assert.Equal(derived.Text(), RemainingMeters.Derive(readings.OrderBy(_ => random.Next()), periods).Text());
            foreach (ReadingPeriod period in periods)
                AssertBalanced(period, [.. derived.Where(d => d.Reading.ReadAt >= period.Start && d.Reading.ReadAt < period.End)]);
        }
    }

    /// <summary>From the end of the opening on, at every instant at which all meters were read.</summary>
    private static void AssertBalanced(ReadingPeriod period, DerivedReading[] derived)
    {
        if (derived.Length == 0)
            return;

        DateTimeOffset opened = derived.Where(d => d.Interpretation == ReadingInterpretation.Opening).Max(d => d.Reading.ReadAt);
        foreach (DateTimeOffset instant in derived.Select(d => d.Reading.ReadAt).Where(t => t >= opened).Distinct())
        {
            StoredReading[] soFar = [.. derived.Select(d => d.Reading).Where(r => r.ReadAt <= instant)];
            decimal expected = period.Limit + period.Allowances.Where(a => a.At <= instant).Sum(a => a.Amount) + soFar.Sum(r => r.Allowance) - soFar.Sum(r => r.Usage);
            Assert.Equal(expected, soFar.GroupBy(r => r.Meter).Sum(m => m.MaxBy(r => r.ReadAt)!.Value));
        }
    }

    /// <summary>Two months of one to three lines, read together or each on its own; recorded allowances where they are read together.</summary>
    private static (StoredReading[] Readings, ReadingPeriod[] Periods) Random(Random random)
    {
        ReadingPeriod[] periods = [Month(6, random.Next(200)), Month(7, random.Next(200) + 0.25m)];
        string[] meters = ["a", "b", "c"];
        meters = meters[..random.Next(1, 4)];
        bool together = random.Next(2) == 0;
        var readings = new List<StoredReading>();
        for (int i = random.Next(12); i >= 0; i--)
        {
            DateTimeOffset time = At("1").AddMinutes(random.Next(random.Next(2) == 0 ? 3 * 1440 : 60 * 1440)).AddDays(random.Next(2) == 0 ? 0 : 29);
            foreach (string meter in meters.Where(_ => together || random.Next(2) == 0))
                readings.Add(new StoredReading(meter, ReadingKind.Remaining, time, random.Next(400) / 4m));
        }

        if (together)
        {
            periods = [.. periods.Select(p => p with
            {
                Allowances = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new ManualAllowance(p.Start.AddMinutes(random.Next(30 * 1440)), random.Next(1, 80)))],
            })];
        }

        return ([.. readings.DistinctBy(r => (r.Meter, r.ReadAt)).Where(r => r.ReadAt < periods[1].End)], periods);
    }

    private static IEnumerable<string> Derive(decimal limit, params StoredReading[] readings) => Derive(Month(6, limit), readings);

    private static IEnumerable<string> Derive(ReadingPeriod period, params StoredReading[] readings) => RemainingMeters.Derive(readings, [period]).Text();
}
