# What people have the module for, done with one that is found by name, in a PowerShell that has nothing beside it.
# Leaves what it saw in a file, and what it wrote beside that.
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $ModulePath,
    [Parameter(Mandatory)] [string] $Folder,
    # A file or a connection string.
    [Parameter(Mandatory)] [string] $Store
)

$ErrorActionPreference = 'Stop'
$env:PSModulePath = $ModulePath + [System.IO.Path]::PathSeparator + (Join-Path $PSHOME Modules)
$env:USAGE_STORE = $Store
Import-Module UsageTracking
# There are none yet.
Connect-UsageStore -CustomerId acme -WarningAction SilentlyContinue
Initialize-UsageStore -Confirm:$false

# January's quota falls by 2 GB a day to nothing.
Set-UsageQuota bandwidth 62 -From 2026-01-01
Set-UsageQuota api 2 -Enforcement Hard
Add-UsageApiRequest /users GET 200 -Timestamp 2026-01-10T08:00:00Z
@{ Service = 'api'; Quantity = 2; Timestamp = '2026-01-11T08:00:00Z' },
@{ Service = 'compute'; Quantity = 0.1; Timestamp = '2026-01-11T09:00:00Z' },
@{ Service = 'compute'; Quantity = '0.2'; Timestamp = '2026-01-11T10:00:00Z' } | Add-UsageRecord
Add-UsageBandwidth 5GB -Timestamp 2026-01-10T12:00:00Z
Add-UsageBandwidth 512MB -Timestamp 2026-01-20T12:00:00Z
$flush = Invoke-UsageFlush

$month = @{ Start = '2026-01'; End = '2026-01' }
$burndown = Get-UsageBurndown bandwidth -Month 2026-01
@{
    Modules  = @(Get-Module UsageTracking | ForEach-Object { $_.ModuleBase })
    Flush    = $flush | Select-Object Committed, Rejected, Remaining
    Usage    = @(Get-Usage @month -Service api, bandwidth, compute | ForEach-Object { "$($_.Service) $($_.Quantity) $($_.Cost) $($_.Events)" })
    Day      = @(Measure-Usage Daily -Service compute @month | ForEach-Object { "$($_.Period.ToString('yyyy-MM-dd')) $($_.TotalQuantity)" })
    Quota    = @(Get-UsageQuota -Service api | ForEach-Object { "$($_.Used) of $($_.Limit)" })
    Allowed  = @((Test-UsageQuota api 2), (Test-UsageQuota api 3))
    Burndown = @($burndown[0, 9, 19, 30] | ForEach-Object { "$($_.Date.ToString('yyyy-MM-dd')) $($_.Target) $($_.Actual) $($_.Ahead)" })
    Chart    = @($burndown | Export-UsageChart "$Folder/burndown.svg" | ForEach-Object Name)
    Export   = @(Export-Usage "$Folder/usage.xlsx" @month | ForEach-Object Name)
    Example  = (Get-Help Get-Usage -Examples).examples.example[0].code
    About    = (Get-Help about_UsageTracking) -split "`n" | Select-Object -First 2 | ForEach-Object Trim
    # Assemblies that are neither PowerShell's, .NET's nor the module's.
    Strange  = @([System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { -not $_.IsDynamic -and $_.Location } | ForEach-Object Location |
            Where-Object { -not ($_.StartsWith($PSHOME) -or $_.StartsWith($ModulePath) -or $_.StartsWith((Split-Path ([object].Assembly.Location)))) })
} | ConvertTo-Json -Depth 4 | Set-Content "$Folder/seen.json"
