using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsagePeak")]
[OutputType(typeof(UsagePeak))]
public sealed class GetUsagePeakCommand : RangeReportCmdlet
{
    // The order of the original's arguments: service, period, limit.
    [Parameter(Position = 1)]
    public PeriodKind Period { get; set; } = PeriodKind.Hourly;

    [Parameter(Position = 2)]
    [ValidateRange(1, int.MaxValue)]
    public long First { get; set; } = 10;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("From")]
    [ValidateNotNull]
    public override object? Start { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("To")]
    [ValidateNotNull]
    public override object? End { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.LastDays(30, now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsagePeak peak in Wait(PeakReport.ReadAsync(Connection.Store, Scope, Period, (int)First, Cancel)))
            WriteObject(peak);
    }
}
