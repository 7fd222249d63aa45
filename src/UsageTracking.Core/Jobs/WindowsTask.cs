using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace UsageTracking.Jobs;

/// <summary>The XML of a task of Windows' Task Scheduler.</summary>
internal static class WindowsTask
{
    public const string Scheduler = "Task Scheduler";

    private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    /// <summary>The XML, to be saved as UTF-16.</summary>
    public static string Write(UsageJob job)
    {
        var task = new XElement(Schema + "Task", new XAttribute("version", "1.2"),
            Element("RegistrationInfo", Element("Description", job.Mark)),
            Element("Triggers", Trigger(job.Schedule)),
            // As whoever registers it, while logged on: anything else would need a stored password.
            Element("Principals", Element("Principal", new XAttribute("id", "Author"), Element("LogonType", "InteractiveToken"), Element("RunLevel", "LeastPrivilege"))),
            Element("Settings",
                Element("MultipleInstancesPolicy", "IgnoreNew"),
                Element("DisallowStartIfOnBatteries", false),
                Element("StopIfGoingOnBatteries", false),
                Element("StartWhenAvailable", true)),
            Element("Actions", new XAttribute("Context", "Author"),
                Element("Exec", Element("Command", job.Program), Element("Arguments", string.Join(' ', job.Arguments.Select(Quote))))));
        return "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n" + task.ToString().ReplaceLineEndings("\r\n") + "\r\n";
    }

    /// <summary>The job of a task's XML; null where it is none of ours.</summary>
    public static RegisteredJob? Read(string xml)
    {
        try
        {
            // A declaration would contradict the text it stands in.
            XElement task = XElement.Parse(xml[Math.Max(0, xml.IndexOf("<Task", StringComparison.Ordinal))..]);
            XElement? exec = task.Descendants(Schema + "Exec").FirstOrDefault();
            string command = $"{exec?.Element(Schema + "Command")?.Value} {exec?.Element(Schema + "Arguments")?.Value}";
            return task.Descendants(Schema + "Description").FirstOrDefault() is { } mark ? UsageJob.ReadMark(mark.Value, Scheduler, command) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XElement Trigger(JobSchedule schedule)
    {
        // Any day in the past will do: it only says at what time of day.
        XElement start = Element("StartBoundary", "2026-01-01T" + schedule.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        return schedule.Rhythm switch
        {
            JobRhythm.Interval => Element("TimeTrigger", Element("Repetition", Element("Interval", XmlConvert.ToString(schedule.Interval))), start),
            JobRhythm.Daily => Element("CalendarTrigger", start, Element("ScheduleByDay", Element("DaysInterval", 1))),
            JobRhythm.Weekly => Element("CalendarTrigger", start, Element("ScheduleByWeek", Element("DaysOfWeek", Element("Monday")), Element("WeeksInterval", 1))),
            _ => Element("CalendarTrigger", start, Element("ScheduleByMonth", Element("DaysOfMonth", Element("Day", 1)), Element("Months",
                CultureInfo.InvariantCulture.DateTimeFormat.MonthNames.Where(m => m != "").Select(m => Element(m))))),
        };
    }

    private static XElement Element(string name, params object[] content) => new(Schema + name, content);

    // As CommandLineToArgvW reads it: backslashes are themselves, but for those before a quote.
    private static string Quote(string text)
    {
        if (text.StartsWith('-'))
            return text;

        var quoted = new StringBuilder("\"");
        int backslashes = 0;
        foreach (char c in text)
        {
            if (c == '"')
                quoted.Append('\\', backslashes + 1);

            backslashes = c == '\\' ? backslashes + 1 : 0;
            quoted.Append(c);
        }

        return quoted.Append('\\', backslashes).Append('"').ToString();
    }
}
