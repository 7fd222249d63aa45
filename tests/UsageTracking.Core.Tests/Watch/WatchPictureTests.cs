using System.Text.RegularExpressions;
using UsageTracking.Charts.Terminal;
using UsageTracking.Queue.Spools;
using UsageTracking.Quotas;
using UsageTracking.Watch;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Watch;

public sealed partial class WatchPictureTests
{
    private static readonly DateTimeOffset Noon = Utc(2026, 6, 20, 12, 0, 5);

    [Fact]
    public void At_120_columns_it_shows_everything() => Assert.Equal(
        """
        Usage of acme · /data/usage.db · 2026-06-20 12:00:05 +00:00

        Service    Events/s   Per min     Today     Month  Unit       Quota              Level     Last 4 hours
        api             2.5       150       12K       78K  requests   78.5%  ███████▉    Warning    ▁▁▂▂▃▃▄▄▅▅▆▆▇▇█
        storage                           0.004      9.2K  GB-hours

        Queues: nothing waits.
        Ctrl-C ends
        """, Show(View(), 120));

    [Fact]
    public void At_80_columns_it_leaves_out_units_and_the_course() => Assert.Equal(
        """
        Usage of acme · /data/usage.db · 2026-06-20 12:00:05 +00:00

        Service    Events/s   Per min     Today     Month   Quota              Level
        api             2.5       150       12K       78K   78.5%  ███████▉    Warning
        storage                           0.004      9.2K

        Queues: nothing waits.
        Ctrl-C ends
        """, Show(View(), 80));

    [Fact]
    public void At_60_columns_it_says_what_is_away_and_what_waits_in_several_lines() => Assert.Equal(
        """
        Usage of acme · /data/usage.db · 2026-06-20 12:00:05 +00:00
        Not read since 12:00:03: The store /data/usage.db cannot be
        reached.

        Service    Events/s   Per min     Today     Month   Quota
        api             2.5       150       12K       78K   78.5%
        storage                           0.004      9.2K

        Queue of this process: 1 record waits, the oldest for 5 s.
        The disk is full.
        Queue of process 8, which has ended: 1,200 records wait for
        /other.db, the oldest for 2 h. Invoke-UsageFlush stores
        them.
        Ctrl-C ends
        """,
        Show(
            View() with
            {
                Problem = "The store /data/usage.db cannot be reached.",
                Queues =
                [
                    new SpoolStatus("/data/usage.db", Guid.Empty, 7, "m", true, 1, 100, Noon.AddSeconds(-5), "The disk is full.", "/spool"),
                    new SpoolStatus("/other.db", Guid.Empty, 8, "m", false, 1200, 100, Noon.AddMinutes(-150), null, "/spool"),
                    new SpoolStatus("/data/usage.db", Guid.Empty, 9, "m", true, 0, 100, null, null, "/spool"),
                ],
            },
            60));

    [Fact]
    public void Several_customers_have_a_column_and_only_what_they_use()
    {
        WatchView view = View();
        view = view with { Samples = [.. view.Samples, .. view.Samples.Select(s => s with { CustomerId = "日本語のお客様", Month = s.Service == "api" ? 1 : 0, Limit = null })] };

        Assert.Equal(
            """
            Usage of 2 customers · /data/usage.db · 2026-06-20 12:00:05 +00:00

            Service    Customer        Events/s   Per min     Today     Month   Quota
            api        acme                 2.5       150       12K       78K   78.5%
            storage    acme                                   0.004      9.2K
            api        日本語のお客様       2.5       150       12K         1   78.5%

            Queues: nothing waits.
            Ctrl-C ends
            """, Show(view, 80));
    }

    [Fact]
    public void Where_there_is_no_room_for_all_rows_it_says_how_many_more_there_are()
    {
        WatchView view = View();
        view = view with { Samples = [.. Enumerable.Range(1, 30).Select(i => view.Samples[0] with { Service = $"service{i}" })] };

        string[] lines = Show(view, 80, height: 12).Split('\n');

        Assert.Equal(12, lines.Length);
        Assert.Equal(["service5", "and 25 more", "", "Queues: nothing waits.", "Ctrl-C ends"], lines[^5..].Select((l, i) => i == 0 ? l[..8] : l));
    }

    [Fact]
    public void No_picture_is_ever_wider_or_higher_than_allowed()
    {
        WatchView view = View() with
        {
            Problem = "Something went wrong, at length, in /a/path/that/is/longer/than/any/window/should/be/and/then/some.",
            Queues = [.. Enumerable.Range(1, 9).Select(i => new SpoolStatus("/スプール.db", Guid.Empty, i, "m", i > 4, i, 1, Noon, $"error\u001b[31m {i}", "/spool"))],
        };
        view = view with { Samples = [.. view.Samples, .. view.Samples.Select(s => s with { CustomerId = "日本語のお客様 with a very long\u001b[2J name", Today = 1e27m, Level = QuotaLevel.NotComparable })] };
        for (int width = 1; width < 140; width++)
        {
            foreach (int height in new[] { 7, 12, 40 })
            {
                IReadOnlyList<string> plain = WatchPicture.Draw(view, new TerminalSettings { Width = width, Height = height }, 1);
                IReadOnlyList<string> coloured = WatchPicture.Draw(view, new TerminalSettings { Width = width, Height = height, UsesColour = true }, 1);

                Assert.InRange(plain.Count, 1, height);
                Assert.All(plain, l => Assert.True(TerminalText.Width(l) <= width, $"{width}: {l}"));
                Assert.DoesNotContain(plain, l => l.Any(char.IsControl));
                Assert.Equal(plain, coloured.Select(l => Colours().Replace(l, "").TrimEnd()));
            }
        }
    }

    [Fact]
    public void Levels_have_colours()
    {
        IReadOnlyList<string> lines = WatchPicture.Draw(View(), new TerminalSettings { Width = 120, Height = 30, UsesColour = true }, 7);

        Assert.Contains("\u001b[33m78.5%\u001b[0m", lines[3], StringComparison.Ordinal);
        Assert.Contains("\u001b[33mWarning\u001b[0m", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_is_drawn_where_the_last_one_was_and_leaves_the_cursor_as_it_was()
    {
        var frame = new TerminalFrame();

        Assert.Equal("\u001b[?25la\u001b[K\r\nb\u001b[K\r\n\u001b[J", frame.Draw(["a", "b"], 80, 24));
        Assert.Equal("\u001b[?25l\u001b[2A\rc\u001b[K\r\n\u001b[J", frame.Draw(["c"], 80, 24));
        Assert.Equal("\u001b[?25l\u001b[H\u001b[2Jd\u001b[K\r\n\u001b[J", frame.Draw(["d"], 60, 24));
        Assert.Equal("\r\u001b[K\u001b[?25h", TerminalFrame.End());
    }

    private static WatchView View() => new()
    {
        Store = "/data/usage.db",
        Time = Noon,
        Queues = [],
        Samples =
        [
            Sample("api", "requests") with
            {
                EventsPerSecond = 2.5m, QuantityPerMinute = 150, Today = 12_000, Month = 78_000, Limit = 100_000, Used = 78_500, Percent = 78.55m, Level = QuotaLevel.Warning,
                Course = [0, .. Enumerable.Range(1, 15).Select(i => (decimal)i)],
            },
            Sample("storage", "GB-hours") with { Today = 0.004m, Month = 9200 },
        ],
    };

    private static UsageSample Sample(string service, string unit) => new()
    {
        Time = Noon.AddSeconds(-2),
        CustomerId = "acme",
        Service = service,
        Unit = unit,
        EventsPerSecond = null,
        QuantityPerMinute = null,
        Today = 0,
        Month = 0,
        Limit = null,
        Used = null,
        Percent = null,
        Level = null,
        Pending = 0,
    };

    private static string Show(WatchView view, int width, int height = 30) =>
        string.Join('\n', WatchPicture.Draw(view, new TerminalSettings { Width = width, Height = height }, 7));

    [GeneratedRegex("\u001b\\[\\d+m")]
    private static partial Regex Colours();
}
