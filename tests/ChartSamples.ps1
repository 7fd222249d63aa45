# Dot-sourced by the tests of charts: lines of reports, made without a store.

# Since the core has a load context of its own, its types have no names here.
function New-ReportLine {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Type, [Parameter(Mandatory)] [hashtable] $Property)

    $context = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext([UsageTracking.Loader.LoadContext]::CmdletAssembly)
    $core = $context.Assemblies | Where-Object { $_.GetName().Name -eq 'UsageTracking.Core' }
    $line = [System.Activator]::CreateInstance($core.GetType("UsageTracking.Reports.$Type", $true))
    foreach ($name in $Property.Keys) { $line.$name = $Property[$name] }
    $line
}

# June 2014 with a quota of 300 GB, ten a day. Up to the noon of the tenth twelve a day were used, and the projection
# goes on so, give or take five.
function Get-SampleBurndown {
    param([string] $CustomerId = 'home', [string] $Unit = 'GB', [int] $Today = 10, [switch] $NoProjection)

    $start = [datetimeoffset]::new(2014, 6, 1, 0, 0, 0, [timespan]::Zero)
    foreach ($day in 1..30) {
        $isPartial = $day -eq $Today
        $left = 300d - 12d * ($isPartial ? $day - 0.5d : $day)
        $isProjected = $day -ge $Today -and -not $NoProjection
        New-ReportLine UsageBurndown @{
            Date          = $start.Date.AddDays($day - 1)
            Target        = 300 - 10 * $day
            Actual        = $day -le $Today ? $left : $null
            Projected     = $isProjected ? 300 - 12 * $day : $null
            ProjectedLow  = $isProjected ? 295 - 12 * $day : $null
            ProjectedHigh = $isProjected ? 305 - 12 * $day : $null
            Ahead         = $day -le $Today ? $left - 300 + 10d * ($isPartial ? $day - 0.5d : $day) : $null
            Limit         = 300
            IsPartial     = $isPartial
            At            = $isPartial ? $start.AddDays($day - 0.5) : $start.AddDays($day)
            DayEnd        = $start.AddDays($day)
            PeriodStart   = $start
            PeriodEnd     = $start.AddDays(30)
            Service       = 'bandwidth'
            Unit          = $Unit
            CustomerId    = $CustomerId
        }
    }
}

# A week of two services; the last day is not over.
function Get-SampleTrend {
    foreach ($day in 8..1) {
        foreach ($service in @{ Service = 'api'; Unit = 'requests'; Size = 4100 }, @{ Service = 'compute'; Unit = 'CPU-hours'; Size = 0.3 }) {
            New-ReportLine UsageTrend @{
                Date          = [datetime]::new(2014, 6, $day)
                Service       = $service.Service
                DailyTotal    = [decimal] ($service.Size * (1 + $day * 7 % 5))
                PreviousDay   = 0
                PercentChange = $null
                IsPartial     = $day -eq 8
                Unit          = $service.Unit
                CustomerId    = 'acme'
            }
        }
    }
}

function Get-SampleMeasure {
    param([int] $Count = 30, [string] $Kind = 'Daily', [string[]] $Group, [string] $CustomerId = 'acme', [decimal] $Factor = 1000)

    $start = [datetimeoffset]::new(2014, 6, 1, 0, 0, 0, [timespan]::Zero)
    $values = $Group ? $Group : @($null)
    for ($i = 0; $i -lt $Count; $i++) {
        for ($g = 0; $g -lt $values.Count; $g++) {
            $line = New-ReportLine UsageMeasure @{
                Service = 'api'; Unit = 'requests'; CustomerId = $CustomerId; PeriodKind = $Kind; EventCount = 1; TotalCost = 0
                TotalQuantity = $Factor * (1 + ($i * 7 + $g * 3) % 11)
                Period = switch ($Kind) { Hourly { $start.AddHours($i) } Daily { $start.AddDays($i) } Weekly { $start.AddDays(7 * $i) } Monthly { $start.AddMonths($i) } }
            }
            if ($Group) { $line.Group = New-SampleGroup $values[$g] }
            $line
        }
    }
}

function New-SampleGroup {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param([string] $Value)

    $type = (New-ReportLine UsageMeasure @{}).GetType().GetProperty('Group').PropertyType
    $type.GetConstructors([System.Reflection.BindingFlags] 'NonPublic, Instance')[0].Invoke(@([string[]] 'endpoint', [string[]] $Value))
}

# The browser, if there is one.
function Find-Chromium {
    foreach ($name in 'chromium', 'chromium-browser', 'google-chrome') {
        if ($command = Get-Command $name -CommandType Application -ErrorAction Ignore | Select-Object -First 1) { return $command.Source }
    }
}
