using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using UsageTracking.Jobs;

namespace UsageTracking.Tests.Jobs;

/// <summary>What each scheduler would be given, on whatever computer the tests run.</summary>
public sealed class JobTextsTests
{
    private const string Awkward = """Write-Output 'it''s 100% $HOME "quoted" \ & <b>; `x'""";

    private static readonly string[] Schedules = ["00:05", "00:30", "01:00", "06:00", "Daily", "Weekly", "Monthly"];

    private const string Mark = "# UsageTracking job Flush: Flush, every 5 minutes";

    public static TheoryData<string> AllSchedules => [.. Schedules];

    [Theory]
    [InlineData("00:05", "*/5 * * * *")]
    [InlineData("01:00", "0 */1 * * *")]
    [InlineData("06:00", "0 */6 * * *")]
    [InlineData("Daily", "30 14 * * *")]
    [InlineData("Weekly", "30 14 * * 1")]
    [InlineData("Monthly", "30 14 1 * *")]
    public void Cron_has_a_mark_and_a_line(string every, string times)
    {
        string[] lines = CronTable.Entry(Job(every)).Split('\n');

        Assert.Equal($"# UsageTracking job Flush: Flush, {Job(every).Schedule}", lines[0]);
        Assert.StartsWith(times + " '/opt/power shell/pwsh' -NoProfile -NonInteractive -Command '", lines[1], StringComparison.Ordinal);
        Assert.Equal(["", 3], [lines[2], (object)lines.Length]);
    }

    [Fact]
    public void Cron_gives_the_shell_what_was_meant()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            return;

        string line = CronTable.Entry(Job("Daily") with { Program = "/usr/bin/printf" }).Split('\n')[1];
        // What cron itself makes of it: without the times, and a percent sign is one again.
        string command = line.Split(' ', 6)[5].Replace(@"\%", "%", StringComparison.Ordinal)
            .Replace("-NoProfile -NonInteractive -Command", "'%s'", StringComparison.Ordinal);
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;

        Assert.Equal(Awkward, shell.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void Cron_leaves_every_line_of_others_as_it_is()
    {
        const string Others = "MAILTO=me\n\n# mine\n*/7 * * * * echo %x  \n#UsageTracking job Flush: Flush, every 5 minutes\n0 0 * * * other";

        string with = CronTable.Put(Others, Job("00:05"));
        string with2 = CronTable.Put(with, Job("Daily") with { Name = "second" });
        string again = CronTable.Put(with2, Job("Daily") with { Name = "FLUSH" });

        Assert.StartsWith(Others + "\n" + Mark + "\n", with, StringComparison.Ordinal);
        Assert.Equal(["Flush"], CronTable.Read(with).Select(j => j.Name));
        Assert.Equal(["second", "FLUSH"], CronTable.Read(again).Select(j => j.Name));
        Assert.Equal(Others + "\n", CronTable.Remove(CronTable.Remove(again, "second"), "flush"));
        Assert.Equal(Others, CronTable.Remove(Others, "flush"));
        Assert.Equal("", CronTable.Remove(CronTable.Put("", Job("00:05")), "Flush"));
    }

    [Fact]
    public void Cron_touches_no_line_after_a_mark_that_lost_its_own()
    {
        const string Table = Mark + "\n0 0 * * * mine\n" + Mark + "\n#*/5 * * * * '/usr/bin/pwsh' -NoProfile -NonInteractive -Command 'x'\n" + Mark;

        Assert.Empty(CronTable.Read(Table));
        Assert.Equal(Table, CronTable.Remove(Table, "Flush"));
    }

    [Fact]
    public void Cron_refuses_what_it_would_choke_on()
    {
        UsageException error = Assert.Throws<UsageException>(() => CronTable.Entry(Job("Daily") with { Script = new string('x', 1000) }));

        Assert.Equal("InvalidJob", error.ErrorId);
    }

    [Theory]
    [InlineData("00:05", "*-*-* *:0/5:00")]
    [InlineData("01:00", "*-*-* 0/1:00:00")]
    [InlineData("06:00", "*-*-* 0/6:00:00")]
    [InlineData("Daily", "*-*-* 14:30:00")]
    [InlineData("Weekly", "Mon *-*-* 14:30:00")]
    [InlineData("Monthly", "*-*-01 14:30:00")]
    public void Systemd_has_a_timer_and_a_service(string every, string calendar)
    {
        Assert.Equal(
            $"[Unit]\nDescription=UsageTracking job Flush: Flush, {Job(every).Schedule}\n\n[Timer]\nOnCalendar={calendar}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
            SystemdUnits.Timer(Job(every)));
        Assert.Equal(
            $"[Unit]\nDescription=UsageTracking job Flush: Flush, {Job(every).Schedule}\n\n[Service]\nType=oneshot\n"
            + """
            ExecStart="/opt/power shell/pwsh" -NoProfile -NonInteractive -Command "Write-Output 'it''s 100%% $$HOME \"quoted\" \\ & <b>; `x'"
            """ + "\n",
            SystemdUnits.Service(Job(every)));
    }

    [Theory]
    [MemberData(nameof(AllSchedules))]
    public void Systemd_itself_finds_nothing_wrong(string every)
    {
        const string Analyze = "/usr/bin/systemd-analyze";
        if (!File.Exists(Analyze))
            return;

        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            UsageJob job = Job(every) with { Program = "/bin/sh" };
            File.WriteAllText(Path.Combine(folder, "usagetracking-flush.service"), SystemdUnits.Service(job));
            File.WriteAllText(Path.Combine(folder, "usagetracking-flush.timer"), SystemdUnits.Timer(job));
            using Process analyze = Process.Start(new ProcessStartInfo(Analyze, ["verify", "--man=no", Path.Combine(folder, "usagetracking-flush.timer")])
            {
                RedirectStandardError = true,
            })!;
            // Of other units of the computer it may have something to say.
            Assert.DoesNotContain("usagetracking", analyze.StandardError.ReadToEnd(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("00:05", "StartInterval=300")]
    [InlineData("06:00", "StartInterval=21600")]
    [InlineData("Daily", "Hour=14 Minute=30")]
    [InlineData("Weekly", "Weekday=1 Hour=14 Minute=30")]
    [InlineData("Monthly", "Day=1 Hour=14 Minute=30")]
    public void Launchd_has_a_property_list(string every, string when)
    {
        string text = LaunchAgent.Write(Job(every));
        XElement[] keys = [.. XDocument.Parse(text).Descendants("key")];

        Assert.Equal(when, string.Join(' ', keys.Select(k => (k, Value: k.ElementsAfterSelf().First())).Where(p => p.Value.Name == "integer").Select(p => $"{p.k.Value}={p.Value.Value}")));
        Assert.Equal("usagetracking-flush", keys.Single(k => k.Value == "Label").ElementsAfterSelf().First().Value);
        Assert.Equal(["/opt/power shell/pwsh", "-NoProfile", "-NonInteractive", "-Command", Awkward], XDocument.Parse(text).Descendants("array").Elements().Select(e => e.Value));
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:05", "TimeTrigger Repetition Interval StartBoundary")]
    [InlineData("Daily", "CalendarTrigger StartBoundary ScheduleByDay DaysInterval")]
    [InlineData("Weekly", "CalendarTrigger StartBoundary ScheduleByWeek DaysOfWeek Monday WeeksInterval")]
    [InlineData("Monthly", "CalendarTrigger StartBoundary ScheduleByMonth DaysOfMonth Day Months January February March April May June July August September October November December")]
    public void Windows_has_a_task(string every, string trigger)
    {
        string text = WindowsTask.Write(Job(every));
        XElement task = XElement.Parse(text[text.IndexOf("<Task", StringComparison.Ordinal)..]);
        XNamespace schema = task.Name.Namespace;

        Assert.Equal(trigger, string.Join(' ', task.Element(schema + "Triggers")!.Descendants().Select(e => e.Name.LocalName)));
        Assert.Equal("/opt/power shell/pwsh", task.Descendants(schema + "Command").Single().Value);
        Assert.Equal(
            """-NoProfile -NonInteractive -Command "Write-Output 'it''s 100% $HOME \"quoted\" \ & <b>; `x'" """.TrimEnd(),
            task.Descendants(schema + "Arguments").Single().Value);
        Assert.Equal(every == "00:05" ? "PT5M" : null, task.Descendants(schema + "Interval").SingleOrDefault()?.Value);
        Assert.Equal(every == "00:05" ? "2026-01-01T00:00:00" : "2026-01-01T14:30:00", task.Descendants(schema + "StartBoundary").Single().Value);
    }

    [Theory]
    [MemberData(nameof(AllSchedules))]
    public void Every_scheduler_gives_back_what_it_was_given(string every)
    {
        foreach (JobTask taskKind in Enum.GetValues<JobTask>())
        {
            UsageJob job = Job(every) with { Name = "My-job_2", Task = taskKind };
            RegisteredJob?[] read =
            [
                CronTable.Read(CronTable.Entry(job)).Single(), SystemdUnits.Read(SystemdUnits.Service(job)),
                LaunchAgent.Read(LaunchAgent.Write(job)), WindowsTask.Read(WindowsTask.Write(job)),
            ];

            Assert.All(read, r => Assert.Equal((job.Name, job.Task, job.Schedule), (r!.Name, r.Task, r.Schedule)));
            Assert.Equal(["cron", "systemd", "launchd", "Task Scheduler"], read.Select(r => r!.Scheduler));
            Assert.All(read, r => Assert.Contains("-NonInteractive -Command", r!.Command, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void What_others_made_is_not_seen()
    {
        Assert.Null(SystemdUnits.Read("[Unit]\nDescription=mine\n"));
        Assert.Null(LaunchAgent.Read("<plist><dict/></plist>"));
        Assert.Null(LaunchAgent.Read("bplist00\0"));
        Assert.Null(WindowsTask.Read("<Task xmlns=\"x\"/>"));
        Assert.Null(WindowsTask.Read("nothing"));
    }

    private static UsageJob Job(string every) => new()
    {
        Name = "Flush",
        Task = JobTask.Flush,
        Schedule = JobSchedule.From(JobTask.Flush, every, every.Contains(':', StringComparison.Ordinal) ? null : "14:30"),
        Program = "/opt/power shell/pwsh",
        Script = Awkward,
    };
}
