using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Tests.Testing;

/// <summary>Short ways to say what a report is about.</summary>
internal static class Scopes
{
    /// <summary>Every customer and built-in service between two inputs of a user.</summary>
    public static ReportScope Scope(string start, string end, string zone = "UTC")
    {
        TimeZoneInfo info = Zones.Find(zone);
        return new ReportScope(
            null, [.. BuiltInServices.All.Select(s => s.Service)], new TimeRange(TimeInput.Parse(start).Start(info), TimeInput.Parse(end).End(info)), info);
    }

    /// <summary>The same of one service.</summary>
    public static ReportScope Only(this ReportScope scope, string service) => scope with { Services = [.. scope.Services.Where(s => s.Name == service)] };
}
