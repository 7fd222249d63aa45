using System.Xml;
using System.Xml.Linq;

namespace UsageTracking.Jobs;

/// <summary>The property list of a launchd agent.</summary>
internal static class LaunchAgent
{
    public const string Scheduler = "launchd";

    public static string Write(UsageJob job)
    {
        var list = new XDocument(
            new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null),
            new XComment($" {job.Mark} "),
            new XElement("plist", new XAttribute("version", "1.0"), new XElement("dict",
                Key("Label"), new XElement("string", job.FileName),
                Key("ProgramArguments"), new XElement("array", new[] { job.Program }.Concat(job.Arguments).Select(a => new XElement("string", a))),
                When(job.Schedule))));
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + list.ToString().ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>The job of a property list; null where it is none of ours.</summary>
    public static RegisteredJob? Read(string list)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(list), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
            XDocument document = XDocument.Load(reader);
            string command = string.Join(' ', document.Descendants("array").Elements("string").Select(s => s.Value));
            return document.Nodes().OfType<XComment>().FirstOrDefault() is { } mark ? UsageJob.ReadMark(mark.Value.Trim(), Scheduler, command) : null;
        }
        catch (XmlException)
        {
            // Somebody else's, in Apple's binary form perhaps.
            return null;
        }
    }

    private static object[] When(JobSchedule schedule) => schedule.Rhythm == JobRhythm.Interval
        ? [Key("StartInterval"), Number((int)schedule.Interval.TotalSeconds)]
        :
        [
            Key("StartCalendarInterval"),
            new XElement("dict", Day(schedule.Rhythm), Key("Hour"), Number(schedule.At.Hour), Key("Minute"), Number(schedule.At.Minute)),
        ];

    private static object[] Day(JobRhythm rhythm) => rhythm switch
    {
        JobRhythm.Weekly => [Key("Weekday"), Number(1)],
        JobRhythm.Monthly => [Key("Day"), Number(1)],
        _ => [],
    };

    private static XElement Key(string name) => new("key", name);

    private static XElement Number(int number) => new("integer", number);
}
