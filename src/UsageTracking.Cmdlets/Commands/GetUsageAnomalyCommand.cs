using System.Management.Automation;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageAnomaly")]
[OutputType(typeof(UsageAnomaly))]
public sealed class GetUsageAnomalyCommand : RangeReportCmdlet
{
    [Parameter(Position = 1)]
    [ValidateSet(nameof(PeriodKind.Hourly), nameof(PeriodKind.Daily))]
    public PeriodKind Period { get; set; } = PeriodKind.Hourly;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("From")]
    [ValidateNotNull]
    public override object? Start { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("To")]
    [ValidateNotNull]
    public override object? End { get; set; }

    [Parameter]
    [ValidateRange(AnomalyReport.FewestWeeks, 520)]
    public int Weeks { get; set; } = AnomalyReport.UsualWeeks;

    [Parameter]
    [ValidateRange(0.1, 1e6)]
    public decimal Threshold { get; set; } = AnomalyReport.UsualThreshold;

    [Parameter]
    [ValidateRange(0.0, 1e28)]
    public decimal? Floor { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.LastDays(7, now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageAnomaly anomaly in Wait(AnomalyReport.ReadAsync(Connection.Store, Scope, Period, Weeks, Threshold, Floor, Cancel)))
            WriteObject(anomaly);
    }
}
