# Dot-sourced by the tests that find jobs which are there already: a crontab that keeps a file, and no systemd.

# Makes PATH lead to them, until $env:PATH is $path again.
function Use-JobTable {
    $script:path = $env:PATH
    $script:table = Join-Path $TestDrive table
    Set-Content $TestDrive/crontab "#!/bin/sh`nif [ `$1 = -l ]; then cat '$table'; else cat > '$table'; fi"
    Set-Content $TestDrive/systemctl "#!/bin/sh`nexit 1"
    chmod +x $TestDrive/crontab $TestDrive/systemctl
    $env:PATH = "$TestDrive$([System.IO.Path]::PathSeparator)$path"
}

# Three jobs, after a line of somebody else's.
function Reset-JobTable {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [CmdletBinding()]
    param()

    Set-Content $table (@('0 0 * * * mine') + (@('Flush', 'Chart', 'flush-b') | ForEach-Object {
                "# UsageTracking job $($_): Flush, every 5 minutes", "*/5 * * * * 'pwsh' -NoProfile -NonInteractive -Command '$_'"
            }))
}
