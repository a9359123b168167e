"""Single runs started by Airflow 2: a copy of this file in its folder of DAGs.

The worker needs a checkout (LORASHEAR_HOME), JDK 17, and the work folder on a local disk. The next try
resumes a run that was killed or failed: stages that it published are not repeated.
"""

import pendulum
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="lorashear_nightly",
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="Europe/Berlin"),
    catchup=False,  # one run takes in everything that is new
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": pendulum.duration(minutes=10)},
):
    BashOperator(
        task_id="round",
        bash_command="cd $LORASHEAR_HOME && bin/lorashear schedule conf/schedule/nightly.yaml --once",
        append_env=True,
        skip_on_exit_code=3,  # another run is active
    )
