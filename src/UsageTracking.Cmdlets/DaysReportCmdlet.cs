using System.Management.Automation;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>A report on the last complete days and today so far.</summary>
public abstract class DaysReportCmdlet : ReportCmdlet
{
    [Parameter(Position = 1)]
    [ValidateRange(0, 36_500)]
    public int Days { get; set; }

    /// <inheritdoc/>
    protected sealed override TimeRange ReadRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.LastDays(Days, now, zone);
}
